"""The operators of PyTorch whose multiply-accumulates nobody can tell, each with the reason."""

from __future__ import annotations

_FACTORISATION = "there is no agreed count of a decomposition or of solving a system"
_FOURIER = "a Fourier transform is counted in FLOPs, 5 N log2 N by custom, not in MACs"
_PACKED = "its weights are packed in a way that does not tell their shapes"
_SPARSE_RESULT = "its products depend on where the elements of both operands are"
_OF_A_DEVICE = "it is a backward kernel of one device, whose products are not documented"

_NAMES = {
    _FACTORISATION: """
        _cholesky_solve_helper _linalg_det _linalg_eigh _linalg_eigvals _linalg_slogdet
        _linalg_solve_ex _linalg_svd _spsolve cholesky_inverse cholesky_solve geqrf
        linalg_cholesky_ex linalg_eig linalg_eigvals linalg_householder_product linalg_inv_ex
        linalg_ldl_factor_ex linalg_ldl_solve linalg_lstsq linalg_lu linalg_lu_factor_ex
        linalg_lu_solve linalg_matrix_exp linalg_matrix_sqrth linalg_pinv linalg_polar linalg_qr
        linalg_solve_triangular ormqr triangular_solve
    """,
    _FOURIER: "_fft_c2c _fft_c2r _fft_r2c",
    _PACKED: "quantized_gru quantized_lstm",
    _SPARSE_RESULT: "_sparse_mm_reduce_impl_backward",
    _OF_A_DEVICE: "lstm_mps_backward",
}

_PRIMITIVES = {_FACTORISATION: "svd", _FOURIER: "fft_c2c fft_c2r fft_r2c"}
"""Of those that PyTorch's decompositions end in."""

UNKNOWN: dict[str, str] = {
    f"{namespace}.{name}": reason
    for namespace, kinds in (("aten", _NAMES), ("prims", _PRIMITIVES))
    for reason, names in kinds.items()
    for name in names.split()
}
"""Why an operator's cost is not known, by name without overload."""


def reason_unknown(name: str) -> str | None:
    """Return why the cost of an operator is not known; None for one that nobody has looked at.

    Args:
        name: of the operator without overload, such as `aten._linalg_svd`.
    """
    return UNKNOWN.get(name, UNKNOWN.get(name.removesuffix("_")))
