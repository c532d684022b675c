"""What `dse` alone prints: what to do first."""

FIRST_STEPS = """\
dse: which neural network architectures fit a compute budget, and which is best?

What does one model cost?
  dse count torchvision.models.resnet18
What can be explored?
  dse families
How many networks of a family fit a budget?
  dse space family=nas_bench_macro budget.macs=60M
Cost all of its grid, and ask:
  dse sweep family=nas_bench_macro
  dse query "macs < 60M" --sort -params --limit 5
The best within a budget, by a score that takes no training:
  dse search family=nas_bench_macro budget.macs=60M trials=10

A tour of ten minutes: dse guide tour. Every command: dse --help."""
