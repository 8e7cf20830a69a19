"""Times the tutorials' training step in PyTorch, on random pictures held in memory.

    python bench/pytorch_train.py --preset tutorial --batch 128 --steps 5 --variant eager

Prints one JSON object: pictures/s (of the median step), the seconds of each step, and the peak
resident memory. The step is that of PyTorch's tutorials: D's update on detached fakes, then G's
update with new noise through the updated D. With --lean it skips gradients that nothing uses:
those of G in D's update, and those of D's weights in G's. With --precision bf16 both networks run under
torch.autocast. With --device cuda, --tf32 lets cuDNN and matrix products round to TensorFloat-32.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn

from measuring import WIDTHS, configuration, initialize, peak_memory_mib
from networks import Discriminator, Generator, noise

VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")
WARM_UP_STEPS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=WIDTHS, default="tutorial")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--variant", choices=VARIANTS, default="eager")
    parser.add_argument("--lean", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--tf32", action="store_true")
    return parser.parse_args()


class Training:
    """Both networks with their optimizers."""

    def __init__(self, preset, variant, lean, device, precision):
        self.config, self.lean = configuration(preset), lean
        self.device, self.precision = device, precision
        self.generator, self.discriminator = Generator(self.config), Discriminator(self.config)
        for network in (self.generator, self.discriminator):
            network.apply(initialize)
            network.to(device)
            if variant.endswith("channels_last"):
                network.to(memory_format=torch.channels_last)
        adam = {"lr": 2e-4, "betas": (0.5, 0.999)}
        self.adam_g = torch.optim.Adam(self.generator.parameters(), **adam)
        self.adam_d = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.weights_d = list(self.discriminator.parameters())
        if variant.startswith("compile"):
            self.generator = torch.compile(self.generator)
            self.discriminator = torch.compile(self.discriminator)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, real):
        """One training step on a batch of real pictures."""
        # (1) Update D: maximise log D(x) + log(1 - D(G(z)))
        batch = len(real)
        zeros, ones = (make(batch, device=self.device) for make in (torch.zeros, torch.ones))
        with torch.set_grad_enabled(not self.lean), self.autocast():
            fake = self.generator(self.noise(batch)).detach()
        with self.autocast():
            logits_fake, logits_real = self.discriminator(fake), self.discriminator(real)
        loss_fake = self.loss(logits_fake.float(), zeros)
        loss_real = self.loss(logits_real.float(), ones)
        self.adam_d.zero_grad()
        ((loss_fake + loss_real) / 2).backward()
        self.adam_d.step()

        # (2) Update G: maximise log D(G(z))
        for weight in self.weights_d:
            weight.requires_grad_(not self.lean)
        with self.autocast():
            logits = self.discriminator(self.generator(self.noise(batch)))
        loss_g = self.loss(logits.float(), ones)
        self.adam_g.zero_grad()
        loss_g.backward()
        self.adam_g.step()
        for weight in self.weights_d:
            weight.requires_grad_(True)
        return loss_g.item()

    def autocast(self):
        """What the networks compute in; the losses and Adam are float32."""
        kind = torch.device(self.device).type
        return torch.autocast(kind, torch.bfloat16, enabled=self.precision == "bf16")

    def noise(self, batch):
        return noise(self.config, batch, None).to(self.device)


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    memory_after_imports = peak_memory_mib()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    device, precision = options.device, options.precision
    training = Training(options.preset, options.variant, options.lean, device, precision)
    real = torch.rand(options.batch, 3, 64, 64, device=device) * 2 - 1
    if options.variant.endswith("channels_last"):
        real = real.contiguous(memory_format=torch.channels_last)
    seconds = []
    for _ in range(WARM_UP_STEPS + options.steps):
        start = time.perf_counter()
        training.step(real)
        seconds.append(time.perf_counter() - start)
    seconds = seconds[WARM_UP_STEPS:]
    report = {
        "pictures_per_second": options.batch / statistics.median(seconds),
        "median_seconds": statistics.median(seconds),
        "seconds": seconds,
        "peak_memory_mib": peak_memory_mib(),
        "memory_after_imports_mib": memory_after_imports,
        "version": f"PyTorch {torch.__version__}, {options.precision}",
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
