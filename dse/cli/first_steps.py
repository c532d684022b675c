"""What `dse` alone prints: what to do first."""

FIRST_STEPS = """\
dse: which neural network architectures fit a compute budget, and which is best?

What does one model cost?
  dse count torchvision.models.resnet18
What can be explored?
  dse families
How many networks of a family fit a budget?
  dse space family=mobilenet_v2 budget.macs=150M
Cost all of its grid, and ask:
  dse sweep family=mobilenet_v2
  dse query "macs < 150M" --sort -params
The best within a budget, by a score that takes no training:
  dse search family=mobilenet_v2 budget.macs=150M

A tour of ten minutes: dse guide tour. Every command: dse --help."""
