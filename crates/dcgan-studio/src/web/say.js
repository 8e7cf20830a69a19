// Says what happened in a line that goes away, and that screen readers speak.

const MILLISECONDS_SHOWN = 6000;
let timer = 0;

export function say(sentence) {
  const line = document.getElementById("said");
  line.textContent = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => (line.textContent = ""), MILLISECONDS_SHOWN);
}
