// The hot loops of training, each compiled for several x86-64 levels and chosen when the library is loaded.
// Arrays are dense and row-major and do not overlap unless said otherwise. Results depend on the CPU's level (vector width), not
// on alignment or on the number of threads.
#ifndef TRIBUTARY_CKERNELS_H
#define TRIBUTARY_CKERNELS_H

#include <stdint.h>

#include "CKernelsFactors.h"
#include "CKernelsGaussian.h"
#include "CKernelsPrivacy.h"

// Vectors of n floats.

/// y += a x
void tributary_axpy(int64_t n, float a, const float *x, float *y);
/// y += x
void tributary_add(int64_t n, const float *x, float *y);
/// out = x - y; out may be x or y
void tributary_subtract(int64_t n, const float *x, const float *y, float *out);
/// x *= a
void tributary_scale(int64_t n, float a, float *x);
/// x *= y
void tributary_multiply(int64_t n, const float *y, float *x);
/// sum of x y, accumulated in float
float tributary_dot(int64_t n, const float *x, const float *y);
/// sum of x^2, accumulated in double
double tributary_squared_norm(int64_t n, const float *x);
/// 1 when no value is infinite or not a number
int32_t tributary_is_finite(int64_t n, const float *x);
/// x = exp(x), relative error below 3e-7; arguments outside [-87.3, 88] are clamped
void tributary_exp(int64_t n, float *x);
/// x = tanh(x), absolute error below 3e-7
void tributary_tanh(int64_t n, float *x);
/// x = 1 / (1 + exp(-x))
void tributary_sigmoid(int64_t n, float *x);

/// 1 / (1 + exp(-x))
float tributary_sigmoid_of(float x);
/// log(1 + exp(x)) without overflow
float tributary_softplus_of(float x);

// Rows.

/// Each of the rows of x (width n) += bias.
void tributary_add_bias(int64_t rows, int64_t n, const float *bias, float *x);
/// sums[j] += sum over the rows of x[row][j]
void tributary_column_sums(int64_t rows, int64_t n, const float *x, float *sums);

/// out[columns][rows] = x[rows][columns] transposed
void tributary_transpose(int64_t rows, int64_t columns, const float *x, float *out);
/// sums[row] += x[row] . y, rows n wide
void tributary_row_products(int64_t rows, int64_t n, const float *x, const float *y, float *sums);

// Cross-entropy over all items, around the products. scores[n][r] has a row for each of n items and a column for each of r <= 32
// positions; bias[n] is added to the rows and may be null. With p = exponentials times factors, the gradient with respect to the
// scores is p - weight (1 at the target).

/// largest[j] = the larger of itself and column j's largest score
void tributary_column_largest(int64_t n, int64_t r, const float *scores, const float *bias, float *largest);
/// scores become exp(score - largest); their sums are added to sums[r]
void tributary_column_exponentials(int64_t n, int64_t r, float *scores, const float *bias, const float *largest, float *sums);
/// factors = weight / sums; returns the sum of the losses
double tributary_softmax_losses(int64_t rows, const float *largest, const float *sums, const float *target_scores, float weight,
                                float *factors);
/// scaled = factor scored; scored_gradients, the exponentials times the vectors, become the gradient of scored; the targets' part is
/// added to the gradients of vectors and biases. bias_gradients may be null.
void tributary_softmax_finish(int64_t rows, int64_t width, const float *factors, const int32_t *targets, float weight,
                              const float *scored, const float *vectors, float *scaled, float *scored_gradients,
                              float *vector_gradients, float *bias_gradients);

// Losses. Each row of `scores` is replaced by the gradient with respect to it, times `weight`; returns the sum of the losses.

/// Cross-entropy of the target against n sampled items, each of which stands for `weight_of_sample` items (1: no correction);
/// samples equal to the target are left out. target_scores[rows] is replaced by its gradient.
double tributary_sampled_softmax(int64_t rows, int64_t n, float *scores, float *target_scores, const int32_t *samples,
                                 const int32_t *targets, float weight_of_sample, float weight);
/// BPR-max (Hidasi and Karatzoglou 2018, eq. 10) with weight `regularization` of the squared scores; a row whose samples are
/// all the target has loss 0.
double tributary_bpr_max(int64_t rows, int64_t n, float *scores, float *target_scores, const int32_t *samples,
                         const int32_t *targets, float regularization, float weight);

/// Binary cross-entropy of the target, times weight_of_target, against n samples; row r's samples begin at samples + r stride, and
/// those equal to the target are left out.
double tributary_binary_cross_entropy(int64_t rows, int64_t n, float *scores, float *target_scores, const int32_t *samples,
                                      int64_t stride, const int32_t *targets, float weight_of_target, float weight);
/// The sum of log(1 + exp(x - target's score)) over the samples, which are given as above.
double tributary_bpr(int64_t rows, int64_t n, float *scores, float *target_scores, const int32_t *samples, int64_t stride,
                     const int32_t *targets, float weight);

// Every row has k items of its own, samples[rows][k].

/// scores[row][j] = scored[row] . vectors[item] + biases[item]; biases may be null
void tributary_own_scores(int64_t rows, int64_t k, int64_t width, const float *scored, const float *vectors, const float *biases,
                          const int32_t *samples, float *scores);
/// From slopes[rows][k], the gradients of those scores: adds to the gradients of scored, vectors and biases (which may be null).
void tributary_own_gradients(int64_t rows, int64_t k, int64_t width, const float *slopes, const float *scored, const float *vectors,
                             const int32_t *samples, float *scored_gradients, float *vector_gradients, float *bias_gradients);

// The gates of a gated recurrent unit in the order r, z, n with the reset gate behind the hidden product (as cuDNN and PyTorch).

/// gates[rows][3H]: in W_ih x + b_ih, out r, z, n. hidden_products[rows][3H]: W_hh h without bias; bias[3H] is b_hh.
/// reset_input[rows][H] receives W_hn h + b_hn; next[rows][H] the new state.
void tributary_gru_forward(int64_t rows, int64_t H, float *gates, const float *hidden_products, const float *bias,
                           const float *previous, float *reset_input, float *next);
/// From the gradient of the new state: gradients before the gates on the input side and on the hidden side (each [rows][3H]), and
/// the direct part of the previous state's gradient. state_gradient and previous_gradient may be the same array.
void tributary_gru_backward(int64_t rows, int64_t H, const float *state_gradient, const float *gates, const float *reset_input,
                            const float *previous, float *input_side, float *hidden_side, float *previous_gradient);

// Transformers. Dropout factors are 0 with probability threshold / 2^32 and `kept` otherwise, a function of key and index alone;
// threshold 0 drops nothing and then `kept` is 1.

/// x[i] *= the factor of index i
void tributary_dropout(int64_t n, float *x, uint64_t key, uint32_t threshold, float kept);
/// out[row] = scale table[items[row]] + positions[places[row]], n wide
void tributary_embed(int64_t rows, int64_t n, const int32_t *items, const float *table, float scale, const int32_t *places,
                     const float *positions, float *out);
/// out = x + (y + bias) times the factor of its index; arrays are rows x n
void tributary_residual(int64_t rows, int64_t n, const float *y, const float *bias, const float *x, uint64_t key,
                        uint32_t threshold, float kept, float *out);
/// x = max(0, x + bias) times the factor
void tributary_relu(int64_t rows, int64_t n, const float *bias, uint64_t key, uint32_t threshold, float kept, float *x);
/// gradient *= kept where y, what tributary_relu left, is positive, and 0 elsewhere
void tributary_relu_backward(int64_t n, const float *y, float kept, float *gradient);
/// x += bias; out = gelu(x) times the factor, in the form with tanh
void tributary_gelu(int64_t rows, int64_t n, const float *bias, uint64_t key, uint32_t threshold, float kept, float *x, float *out);
/// gradient *= the slope at x, with bias, times the factor
void tributary_gelu_backward(int64_t n, const float *x, uint64_t key, uint32_t threshold, float kept, float *gradient);
/// out = (x - mean) inverse gain + bias in each row, inverse = 1 / sqrt(variance + epsilon); statistics[rows][2] = mean, inverse
void tributary_layer_norm(int64_t rows, int64_t n, const float *x, const float *gain, const float *bias, float epsilon, float *out,
                          float *statistics);
/// x_gradient += the gradient with respect to x
void tributary_layer_norm_backward(int64_t rows, int64_t n, const float *out_gradient, const float *x, const float *statistics,
                                   const float *gain, float *x_gradient);
/// adds the gradients of gain and bias
void tributary_layer_norm_weights(int64_t rows, int64_t n, const float *out_gradient, const float *x, const float *statistics,
                                  float *gain_gradient, float *bias_gradient);
/// In each row r the columns 0 ... first + r become softmax(scale scores), the others 0.
void tributary_causal_softmax(int64_t rows, int64_t columns, int64_t first, float scale, float *scores);
/// out[i] = shares[i] times the factor of index first + i
void tributary_attention_dropout(int64_t n, const float *shares, uint64_t key, int64_t first, uint32_t threshold, float kept,
                                 float *out);
/// From the gradient of the dropped-out shares, in place, that of the unscaled scores; `index` is that of the tile's first share.
void tributary_causal_softmax_backward(int64_t rows, int64_t columns, int64_t first, float scale, const float *shares, uint64_t key,
                                       int64_t index, uint32_t threshold, float kept, float *gradient);

// The gates of a long short-term memory in the order i, f, g, o (as cuDNN and PyTorch).

/// gates[rows][4H]: in W_ih x + b_ih + W_hh h + b_hh, out i, f, g, o. cell[rows][H] receives f c + i g, next[rows][H] o tanh of it.
void tributary_lstm_forward(int64_t rows, int64_t H, float *gates, const float *previous_cell, float *cell, float *next);
/// From the gradient of the new state and, in cell_gradient, of the new cell: gradients before the gates [rows][4H]; cell_gradient
/// is replaced by that of the previous cell.
void tributary_lstm_backward(int64_t rows, int64_t H, const float *state_gradient, const float *gates, const float *previous_cell,
                             const float *cell, float *cell_gradient, float *gate_gradient);

// Convolutions over the L events before each of `positions` places of one sequence, the first place being behind event `first`
// (-1: before all events). Events before the sequence are zero vectors: they take no part.

/// Horizontal filters of height h: a place's value of filter f is the largest of bias[f] + sum over j < h of products[s + j][j F + f]
/// over the starts s of the window, but at least 0. products points at event 0, rows `stride` apart. work[positions + L - h][F] is
/// scratch. out, rows `out_stride` apart, receives the values, best[positions][F] which start of the window it was, -1 for none.
void tributary_horizontal_forward(int64_t first, int64_t positions, int64_t L, int64_t h, int64_t F, const float *products,
                                  int64_t stride, const float *bias, float *work, float *out, int64_t out_stride, float *best);
/// From the gradient of the values: that of the products is set, bias_gradient is added to. Rows and taps that no place reads stay.
void tributary_horizontal_backward(int64_t first, int64_t positions, int64_t L, int64_t h, int64_t F, const float *gradient,
                                   int64_t gradient_stride, const float *best, float *work, float *product_gradient, int64_t stride,
                                   float *bias_gradient);
/// Vertical filters: out[place][v D + d] = sum over i < L of weights[v][i] x[first + place - L + 1 + i][d]; x[events][D].
void tributary_vertical_forward(int64_t first, int64_t positions, int64_t L, int64_t filters, int64_t D, const float *x,
                                const float *weights, float *out, int64_t out_stride);
/// Adds the gradients of the filters and of x.
void tributary_vertical_backward(int64_t first, int64_t positions, int64_t L, int64_t filters, int64_t D, const float *x,
                                 const float *weights, const float *gradient, int64_t gradient_stride, float *x_gradient,
                                 float *weight_gradient);
/// x = max(x, 0)
void tributary_rectify(int64_t n, float *x);
/// gradient = 0 where y, a rectified value, is 0
void tributary_rectify_backward(int64_t n, const float *y, float *gradient);

// Optimiser steps on n parameters.

/// v = momentum v + g; p -= rate v
void tributary_momentum(int64_t n, float rate, float momentum, const float *g, float *v, float *p);
/// s += g^2; p -= rate g / (sqrt(s) + epsilon)
void tributary_adagrad(int64_t n, float rate, float epsilon, const float *g, float *s, float *p);
/// s += g^2; v = momentum v - rate g / (sqrt(s) + epsilon); p += v
void tributary_adagrad_momentum(int64_t n, float rate, float momentum, float epsilon, const float *g, float *s, float *v, float *p);
/// p *= keep, then the step of tributary_adam
void tributary_adamw(int64_t n, float rate, float keep, float beta1, float beta2, float epsilon, float correction1,
                     float correction2, const float *g, float *m, float *v, float *p);
/// Kingma and Ba 2015; correction1 = 1 / (1 - beta1^t), correction2 = 1 / (1 - beta2^t)
void tributary_adam(int64_t n, float rate, float beta1, float beta2, float epsilon, float correction1, float correction2,
                    const float *g, float *m, float *v, float *p);

/// p -= rate g; g = 0
void tributary_descend(int64_t n, float rate, float *g, float *p);
/// delta = local - global; local = global
void tributary_take_change(int64_t n, const float *global, float *local, float *delta);

// The integer grid: n values times `factor`, rounded stochastically. The uniform number of value i is a function of `key` and
// first + i alone, and the integers are the same on every CPU. |value factor| < 2^62.

/// sum[i] += integer i, modulo 2^64. Returns the sum of the integers' squares modulo 2^64, meaningful when all are below 2^31 in
/// magnitude.
uint64_t tributary_add_rounded(int64_t n, const float *x, double factor, uint64_t key, int64_t first, int64_t *sum);
/// sum[i] -= integer i, modulo 2^64: undoes the addition.
void tributary_subtract_rounded(int64_t n, const float *x, double factor, uint64_t key, int64_t first, int64_t *sum);
/// lanes[(first + i) % 32] += x[i]^2 in double: the same bits on every CPU, and whatever zeros are left out; first >= 0
void tributary_add_squares(int64_t n, const float *x, int64_t first, double *lanes);

/// SHA-256 of the bytes of `prefix` followed by `bytes`; either may be empty.
void tributary_sha256(int64_t prefix_count, const uint8_t *prefix, int64_t count, const uint8_t *bytes, uint8_t digest[32]);
// The best of many scores. A kept list is a heap with the worst on top: lower scores are worse, and of equal scores the later row.

typedef struct {
    /// The most entries kept; >= 1.
    int64_t capacity;
    int64_t held;
    /// capacity entries each, the first `held` of them valid.
    float *scores;
    int32_t *rows;
    /// Rows never taken, in ascending order.
    const int32_t *excluded;
    int64_t excluded_count;
} tributary_best;

/// Offers rows first ..< first + count with the scores table[r] . query + bias[r]; table is count x n and stands, as bias does, at
/// row `first`. bias may be null. Rows must be offered in ascending order; a score that is not a number is passed over. A row's
/// score does not depend on where it stands in the table.
void tributary_best_products(int64_t count, int64_t n, const float *table, const float *bias, const float *query, int32_t first,
                             tributary_best *best);
/// The same for scores that are known: values[r] + bias[r].
void tributary_best_scores(int64_t count, const float *values, const float *bias, int32_t first, tributary_best *best);
/// Takes over what another list kept of other rows.
void tributary_best_merge(const tributary_best *other, tributary_best *best);
/// Puts the best first; the list is no heap any more.
void tributary_best_sort(tributary_best *best);
/// The product that `tributary_best_products` computes for one row.
float tributary_row_product(int64_t n, const float *query, const float *row);

// Graphs of near neighbours over the rows of `vectors` (width n): nearer is a larger product. A node's links are a row of `slots`
// nodes, ended by -1 when there are fewer.

/// The best nodes found, best first.
typedef struct {
    int64_t capacity;
    int64_t held;
    float *scores;
    int32_t *nodes;
} tributary_pool;

/// Best-first walk (Malkov and Yashunin 2018, algorithm 2): from the nodes in the pool, with their scores, to the nodes with the
/// largest products with the query, until all nodes of the pool were looked at. visited: a bit for every node, all 0 at first.
/// slots <= 256.
void tributary_graph_walk(int64_t n, const float *vectors, const float *query, int64_t slots, const int32_t *links,
                          uint64_t *visited, tributary_pool *pool);
/// Of `count` nodes in descending order of their product with a base node (`scores`), those no nearer to any chosen before than to
/// the base (algorithm 4), at most `limit`; returns how many were chosen.
int64_t tributary_graph_select(int64_t n, const float *vectors, int64_t count, const float *scores, const int32_t *nodes,
                               int64_t limit, int32_t *chosen);
/// scores[i] = query . vectors[nodes[i]]
void tributary_graph_products(int64_t n, const float *vectors, const float *query, int64_t count, const int32_t *nodes, float *scores);

// Words modulo 2^b. `words` are little-endian, b/8 bytes each, at any address. flip is 0 to add and all ones to subtract.

void tributary_add_words32(int64_t n, const void *words, uint32_t flip, uint32_t *sum);
/// Only the low 40 bits of the sums mean something afterwards.
void tributary_add_words40(int64_t n, const void *words, uint64_t flip, uint64_t *sum);
void tributary_add_words64(int64_t n, const void *words, uint64_t flip, uint64_t *sum);
/// The low 40 bits of each word as 5 bytes.
void tributary_pack_words40(int64_t n, const uint64_t *words, uint8_t *bytes);

#endif
