#ifndef TRIBUTARY_COPENBLAS_SHIM_H
#define TRIBUTARY_COPENBLAS_SHIM_H

#include <cblas.h>
#include <stddef.h>

// The routines of LAPACK that OpenBLAS brings along. Its headers do not declare them everywhere; these are the Fortran interfaces,
// column-major, with the lengths of character arguments last.

/// Cholesky factor of a symmetric positive definite matrix.
void spotrf_(const char *uplo, const blasint *n, float *a, const blasint *lda, blasint *info, size_t uplo_length);
/// Inverse from the factor, one triangle of it.
void spotri_(const char *uplo, const blasint *n, float *a, const blasint *lda, blasint *info, size_t uplo_length);
/// QR factorisation.
void sgeqrf_(const blasint *m, const blasint *n, float *a, const blasint *lda, float *tau, float *work, const blasint *lwork,
             blasint *info);
/// The orthonormal columns of Q.
void sorgqr_(const blasint *m, const blasint *n, const blasint *k, float *a, const blasint *lda, const float *tau, float *work,
             const blasint *lwork, blasint *info);
/// Eigenvalues, ascending, and eigenvectors of a symmetric matrix.
void ssyevd_(const char *jobz, const char *uplo, const blasint *n, float *a, const blasint *lda, float *w, float *work,
             const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info, size_t jobz_length, size_t uplo_length);

#endif
