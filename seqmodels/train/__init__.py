"""The one training loop: Lightning underneath, Hydra in front.

`python -m seqmodels.train` is the command, `training.train(config.compose([...]))` the same from Python. A run is a
folder (`run.Run`) that can be interrupted and gone on with, and whose `model/` any part of Epicite loads.
"""
