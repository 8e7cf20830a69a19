// The worker: unpacks the generator, then draws one picture for each message, so that the page stays awake.

import { DamagedWeights, Network } from "./network.js";

let network = null;

self.onmessage = async ({ data }) => {
  try {
    if (network === null) {
      const module = await WebAssembly.compile(bytesOf(data.kernel));
      network = await Network.create(module, data.model, bytesOf(data.weights));
      self.postMessage({ ready: true });
    } else {
      const began = performance.now();
      const pixels = network.draw(data.vector);
      const milliseconds = performance.now() - began;
      self.postMessage({ pixels, milliseconds }, [pixels.buffer]);
    }
  } catch (error) {
    self.postMessage({ problem: problemOf(error) });
  }
};

function problemOf(error) {
  if (error instanceof DamagedWeights) return "damaged";
  if (error instanceof WebAssembly.CompileError) return "simd";
  if (error instanceof RangeError) return "memory";
  return String(error);
}

/** The bytes of a text in base64. */
function bytesOf(base64) {
  const text = base64.trim();
  try {
    return Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : decoded(text);
  } catch {
    throw new DamagedWeights();
  }
}

/** As `Uint8Array.fromBase64`, for browsers from before 2025. */
function decoded(text) {
  const padding = text.endsWith("==") ? 2 : Number(text.endsWith("="));
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const piece = 1 << 20; // characters at a time, a multiple of 4
  for (let at = 0; at < text.length; at += piece) {
    const binary = atob(text.slice(at, at + piece));
    const start = (at / 4) * 3;
    for (let i = 0; i < binary.length; i++) bytes[start + i] = binary.charCodeAt(i);
  }
  return bytes;
}
