"""Writes crates/dcgan-data/tests/fixtures/pictures: files that only Pillow can write.

Every picture is 24x16 with a red, a green, a blue and a white quadrant (in reading order, once
upright), so that a test can show what went wrong. If colours need a conversion, Pillow's result
is saved next to the picture as *.expected.png.

    pip install pillow && python tools/make_picture_fixtures.py
"""

from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent.parent / "crates/dcgan-data/tests/fixtures/pictures"
EXIF_ORIENTATION = 0x0112
QUADRANTS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]

# The inverse of each EXIF orientation.
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(mode="RGB", colours=QUADRANTS):
    picture = Image.new(mode, (24, 16))
    for index, colour in enumerate(colours):
        left, top = index % 2 * 12, index // 2 * 8
        picture.paste(colour, (left, top, left + 12, top + 8))
    return picture


def save_rotated():
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        stored = quadrants()
        if orientation in UNDO:
            stored = stored.transpose(UNDO[orientation])
        stored.save(FOLDER / f"orientation_{orientation}.jpg", exif=exif, subsampling=0)
        if orientation == 6:
            stored.save(FOLDER / "orientation_6.png", exif=exif)
            stored.save(FOLDER / "orientation_6.webp", exif=exif, lossless=True)


def save_cmyk():
    inks = [(0, 255, 255, 0), (200, 20, 250, 30), (255, 130, 0, 60), (0, 0, 0, 0)]
    path = FOLDER / "cmyk.jpg"
    quadrants("CMYK", inks).save(path, quality=95)
    save_expected(path)

    # Adobe's colour transform 2 declares the first three inks to be YCbCr, which turns the same
    # bytes into a YCCK picture.
    data = bytearray(path.read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    path = FOLDER / "ycck.jpg"
    path.write_bytes(data)
    save_expected(path)


def save_expected(path):
    Image.open(path).convert("RGB").save(path.with_suffix(".expected.png"))


def save_others():
    quadrants().save(FOLDER / "baseline.jpg", subsampling=0, quality=95)
    quadrants().save(FOLDER / "progressive.jpg", subsampling=0, progressive=True)
    quadrants("L", [0, 80, 160, 255]).save(FOLDER / "grey.jpg", quality=95)
    quadrants().save(FOLDER / "lossy.webp", quality=95)
    palette = quadrants().quantize(4)
    green = palette.getpixel((18, 4))
    palette.save(FOLDER / "palette_without_green.png", transparency=green)
    frames = [Image.new("RGB", (24, 16), (9, 9, 9))]
    quadrants().save(FOLDER / "animated.gif", save_all=True, append_images=frames)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_rotated()
    save_cmyk()
    save_others()
