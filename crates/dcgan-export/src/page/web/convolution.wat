;; The only kernel: one phase of a transposed convolution.
;;
;; A transposed convolution that makes its maps s times larger is s × s ordinary convolutions, each of which
;; gives every s-th pixel of every s-th row. `convolve` computes one of them. Maps are [height, width, channels]
;; with a border of zeros, so that no window leaves its map. Channels are a multiple of 8; weights are
;; [channels / 8, window, 8], in the order in which they are used. Sizes and addresses are in bytes.
(module
  (memory (export "memory") 1)

  ;; Four pixels beside each other, eight channels of each.
  (func $tile
    (param $input i32)        ;; the first value of the first pixel's window
    (param $input_row i32)    ;; from a row of the input to the next
    (param $input_pixel i32)  ;; from a pixel's window to the next pixel's
    (param $rows i32)         ;; rows of a window
    (param $row_bytes i32)    ;; a window's row: its values lie side by side
    (param $weights i32)
    (param $bias i32)
    (param $least v128)       ;; what lies below becomes this
    (param $output i32)
    (param $output_pixel i32)
    (local $end i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $left v128) (local $right v128) (local $value v128)
    (local $a_left v128) (local $a_right v128) (local $b_left v128) (local $b_right v128)
    (local $c_left v128) (local $c_right v128) (local $d_left v128) (local $d_right v128)

    (local.set $left (v128.load (local.get $bias)))
    (local.set $right (v128.load offset=16 (local.get $bias)))
    (local.set $a_left (local.get $left)) (local.set $a_right (local.get $right))
    (local.set $b_left (local.get $left)) (local.set $b_right (local.get $right))
    (local.set $c_left (local.get $left)) (local.set $c_right (local.get $right))
    (local.set $d_left (local.get $left)) (local.set $d_right (local.get $right))

    (loop $next_row
      (local.set $a (local.get $input))
      (local.set $b (i32.add (local.get $a) (local.get $input_pixel)))
      (local.set $c (i32.add (local.get $b) (local.get $input_pixel)))
      (local.set $d (i32.add (local.get $c) (local.get $input_pixel)))
      (local.set $end (i32.add (local.get $a) (local.get $row_bytes)))
      (loop $next_value
        (local.set $left (v128.load (local.get $weights)))
        (local.set $right (v128.load offset=16 (local.get $weights)))

        (local.set $value (v128.load32_splat (local.get $a)))
        (local.set $a_left (f32x4.add (local.get $a_left) (f32x4.mul (local.get $value) (local.get $left))))
        (local.set $a_right (f32x4.add (local.get $a_right) (f32x4.mul (local.get $value) (local.get $right))))

        (local.set $value (v128.load32_splat (local.get $b)))
        (local.set $b_left (f32x4.add (local.get $b_left) (f32x4.mul (local.get $value) (local.get $left))))
        (local.set $b_right (f32x4.add (local.get $b_right) (f32x4.mul (local.get $value) (local.get $right))))

        (local.set $value (v128.load32_splat (local.get $c)))
        (local.set $c_left (f32x4.add (local.get $c_left) (f32x4.mul (local.get $value) (local.get $left))))
        (local.set $c_right (f32x4.add (local.get $c_right) (f32x4.mul (local.get $value) (local.get $right))))

        (local.set $value (v128.load32_splat (local.get $d)))
        (local.set $d_left (f32x4.add (local.get $d_left) (f32x4.mul (local.get $value) (local.get $left))))
        (local.set $d_right (f32x4.add (local.get $d_right) (f32x4.mul (local.get $value) (local.get $right))))

        (local.set $weights (i32.add (local.get $weights) (i32.const 32)))
        (local.set $b (i32.add (local.get $b) (i32.const 4)))
        (local.set $c (i32.add (local.get $c) (i32.const 4)))
        (local.set $d (i32.add (local.get $d) (i32.const 4)))
        (br_if $next_value
          (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 4))) (local.get $end))))
      (local.set $input (i32.add (local.get $input) (local.get $input_row)))
      (br_if $next_row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))

    (call $store (local.get $output) (local.get $least) (local.get $a_left) (local.get $a_right))
    (local.set $output (i32.add (local.get $output) (local.get $output_pixel)))
    (call $store (local.get $output) (local.get $least) (local.get $b_left) (local.get $b_right))
    (local.set $output (i32.add (local.get $output) (local.get $output_pixel)))
    (call $store (local.get $output) (local.get $least) (local.get $c_left) (local.get $c_right))
    (local.set $output (i32.add (local.get $output) (local.get $output_pixel)))
    (call $store (local.get $output) (local.get $least) (local.get $d_left) (local.get $d_right)))

  ;; Eight channels of a pixel, after the activation.
  (func $store (param $output i32) (param $least v128) (param $left v128) (param $right v128)
    (v128.store (local.get $output) (f32x4.max (local.get $left) (local.get $least)))
    (v128.store offset=16 (local.get $output) (f32x4.max (local.get $right) (local.get $least))))

  ;; All pixels of a phase, eight channels after the other. A map of one pixel gives the same result four
  ;; times to the same place, with a distance of 0 between pixels.
  (func (export "convolve")
    (param $side i32)         ;; of the input, 1 or a multiple of 4
    (param $groups i32)       ;; of eight output channels
    (param $input i32)        ;; the first value of the first window
    (param $input_row i32)
    (param $input_pixel i32)
    (param $rows i32)
    (param $row_bytes i32)
    (param $weights i32)
    (param $bias i32)
    (param $least f32)
    (param $output i32)       ;; the first pixel of the phase
    (param $output_row i32)   ;; from a row of the phase to the next
    (param $output_pixel i32) ;; from a pixel of the phase to the next
    (local $x i32) (local $y i32)
    (local $from i32) (local $to i32)
    (loop $next_group
      (local.set $y (i32.const 0))
      (loop $next_row
        (local.set $x (i32.const 0))
        (local.set $from (i32.add (local.get $input) (i32.mul (local.get $y) (local.get $input_row))))
        (local.set $to (i32.add (local.get $output) (i32.mul (local.get $y) (local.get $output_row))))
        (loop $next_pixels
          (call $tile
            (local.get $from) (local.get $input_row) (local.get $input_pixel)
            (local.get $rows) (local.get $row_bytes)
            (local.get $weights) (local.get $bias) (f32x4.splat (local.get $least))
            (local.get $to) (local.get $output_pixel))
          (local.set $from (i32.add (local.get $from) (i32.shl (local.get $input_pixel) (i32.const 2))))
          (local.set $to (i32.add (local.get $to) (i32.shl (local.get $output_pixel) (i32.const 2))))
          (br_if $next_pixels
            (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 4))) (local.get $side))))
        (br_if $next_row
          (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $side))))
      (local.set $weights (i32.add (local.get $weights)
        (i32.mul (i32.shl (local.get $rows) (i32.const 3)) (local.get $row_bytes))))
      (local.set $bias (i32.add (local.get $bias) (i32.const 32)))
      (local.set $output (i32.add (local.get $output) (i32.const 32)))
      (br_if $next_group (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))))
