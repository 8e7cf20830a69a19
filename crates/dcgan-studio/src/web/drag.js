// Drags pictures with the mouse. Browsers' own dragging does not start on buttons in all of them.

/** Pixels that a press moves before it is a drag. */
const FAR = 6;

const targets = new Map();

/** Lets pictures be dropped on an element. */
export function acceptsPictures(target, onDrop) {
  targets.set(target, onDrop);
}

/** Lets the item of a cell be dragged; its picture follows the pointer. */
export function isDragged(cell, canvas) {
  cell.addEventListener("pointerdown", (start) => {
    // fingers scroll; they add pictures with buttons
    if (start.button !== 0 || start.pointerType === "touch") return;
    start.preventDefault();
    cell.focus({ preventScroll: true });
    const drag = new Drag(cell, canvas, start);
    const end = new AbortController();
    const { signal } = end;
    window.addEventListener("pointermove", (event) => drag.move(event), { signal });
    window.addEventListener("scroll", () => drag.follow(), { signal, passive: true });
    const stop = (isDropped) => {
      end.abort();
      drag.end(isDropped);
    };
    window.addEventListener("pointerup", () => stop(true), { signal });
    window.addEventListener("pointercancel", () => stop(false), { signal });
    window.addEventListener("keydown", (event) => event.key === "Escape" && stop(false), { signal });
  });
}

class Drag {
  constructor(cell, canvas, { clientX, clientY }) {
    Object.assign(this, {
      cell,
      canvas,
      x: clientX,
      y: clientY,
      startX: clientX,
      startY: clientY,
      ghost: null,
      over: null,
    });
  }

  move({ clientX, clientY }) {
    [this.x, this.y] = [clientX, clientY];
    if (!this.ghost && Math.hypot(this.x - this.startX, this.y - this.startY) < FAR) return;
    this.ghost ??= this.newGhost();
    this.follow();
  }

  newGhost() {
    const ghost = document.createElement("canvas");
    ghost.width = this.canvas.width;
    ghost.height = this.canvas.height;
    ghost.className = "ghost";
    ghost.getContext("2d").drawImage(this.canvas, 0, 0);
    document.body.append(ghost);
    document.body.classList.add("is-dragging");
    return ghost;
  }

  follow() {
    if (!this.ghost) return;
    this.ghost.style.transform = `translate(${this.x}px, ${this.y}px) translate(-50%, -50%)`;
    const under = document.elementFromPoint(this.x, this.y);
    const over = [...targets.keys()].filter((target) => target.contains(under)).at(-1) ?? null;
    if (over === this.over) return;
    this.over?.classList.remove("is-over");
    over?.classList.add("is-over");
    this.over = over;
  }

  end(isDropped) {
    this.ghost?.remove();
    document.body.classList.remove("is-dragging");
    this.over?.classList.remove("is-over");
    if (isDropped && this.ghost && this.over) targets.get(this.over)(this.cell.item);
    for (const target of targets.keys()) if (!target.isConnected) targets.delete(target);
  }
}
