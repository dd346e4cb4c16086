"""Prediction of breeding values from markers: mixed models, and the gMLP that carries one of them.

- `gblup.GBLUP`: genomic best linear unbiased prediction; its `marker_effects` predict without the training lines.
- `rkhs.RKHS`: the same with Gaussian kernels.
- `ensemble.fit_ensemble`: gMLPs trained inside the training lines, beside the RKHS prediction that they carry.
- `folds`, `comparison`: repeated cross-validation and what it says of a difference.
"""
