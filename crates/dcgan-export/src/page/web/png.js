// PNG files, written here because some browsers change the pixels that a page reads from a canvas.

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param {ImageData} picture
 * @param {boolean} isGrey
 * @param {[string, string][]} texts names and texts, in the order in which they are written
 * @returns {Promise<Blob>}
 */
export async function pngOf(picture, isGrey, texts) {
  const { width, height } = picture;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits
  header[9] = isGrey ? 0 : 2;
  const data = await deflated(rowsOf(picture, isGrey ? 1 : 3));
  const chunks = [
    chunk("IHDR", header),
    ...texts.map(([name, text]) => textChunk(name, text)),
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array()),
  ];
  return new Blob([Uint8Array.from(SIGNATURE), ...chunks], { type: "image/png" });
}

/** The bytes of the rows, each after its filter, which is none. */
function rowsOf({ width, height, data }, channels) {
  const rows = new Uint8Array(height * (1 + width * channels));
  let to = 0;
  for (let from = 0; from < data.length; from += 4) {
    if ((from / 4) % width === 0) to += 1;
    for (let channel = 0; channel < channels; channel++) rows[to++] = data[from + channel];
  }
  return rows;
}

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The software as PNG's oldest kind of text, by which the program knows its files; the rest in UTF-8. */
function textChunk(name, text) {
  const encoder = new TextEncoder();
  if (name === "Software") return chunk("tEXt", encoder.encode(`${name}\0${text}`));
  return chunk("iTXt", encoder.encode(`${name}\0\0\0\0\0${text}`));
}

function chunk(type, content) {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, checksum(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** CRC-32. */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}
