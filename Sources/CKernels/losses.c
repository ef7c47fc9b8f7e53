#include "CKernels.h"
#include "dispatch.h"

// Scores with a row for each item and a column for each position: a pass over them needs no sums across lanes. A full block of
// columns keeps what it gathers in registers.
enum { COLUMNS = 32 };

INLINE void column_largest(int64_t n, int64_t r, const float *restrict scores, const float *restrict bias, float *restrict largest) {
    float lanes[COLUMNS];
    for (int64_t j = 0; j < r; j++) lanes[j] = largest[j];
    for (int64_t i = 0; i < n; i++) {
        const float *restrict x = scores + i * r;
        const float shift = bias ? bias[i] : 0.0f;
        for (int64_t j = 0; j < r; j++) {
            float value = x[j] + shift;
            lanes[j] = value > lanes[j] ? value : lanes[j];
        }
    }
    for (int64_t j = 0; j < r; j++) largest[j] = lanes[j];
}

DISPATCHED void tributary_column_largest(int64_t n, int64_t r, const float *restrict scores, const float *restrict bias,
                                         float *restrict largest) {
    if (r == COLUMNS) {
        column_largest(n, COLUMNS, scores, bias, largest);
    } else {
        column_largest(n, r < COLUMNS ? r : COLUMNS, scores, bias, largest);
    }
}

INLINE void column_exponentials(int64_t n, int64_t r, float *restrict scores, const float *restrict bias,
                                const float *restrict largest, float *restrict sums) {
    float lanes[COLUMNS], from[COLUMNS];
    for (int64_t j = 0; j < r; j++) {
        lanes[j] = sums[j];
        from[j] = largest[j];
    }
    for (int64_t i = 0; i < n; i++) {
        float *restrict x = scores + i * r;
        const float shift = bias ? bias[i] : 0.0f;
        for (int64_t j = 0; j < r; j++) {
            float value = fast_exp(x[j] + shift - from[j]);
            x[j] = value;
            lanes[j] += value;
        }
    }
    for (int64_t j = 0; j < r; j++) sums[j] = lanes[j];
}

DISPATCHED void tributary_column_exponentials(int64_t n, int64_t r, float *restrict scores, const float *restrict bias,
                                              const float *restrict largest, float *restrict sums) {
    if (r == COLUMNS) {
        column_exponentials(n, COLUMNS, scores, bias, largest, sums);
    } else {
        column_exponentials(n, r < COLUMNS ? r : COLUMNS, scores, bias, largest, sums);
    }
}

double tributary_softmax_losses(int64_t rows, const float *largest, const float *sums, const float *target_scores, float weight,
                                float *factors) {
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        loss += (double)logf(sums[row]) + (double)largest[row] - (double)target_scores[row];
        factors[row] = weight / sums[row];
    }
    return loss;
}

DISPATCHED void tributary_row_products(int64_t rows, int64_t n, const float *restrict x, const float *restrict y, float *restrict sums) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        float sum = 0;
        for (int64_t i = 0; i < n; i++) sum += x[row * n + i] * y[i];
        sums[row] += sum;
    }
}

DISPATCHED void tributary_softmax_finish(int64_t rows, int64_t width, const float *restrict factors, const int32_t *restrict targets,
                                         float weight, const float *restrict scored, const float *restrict vectors,
                                         float *restrict scaled, float *restrict scored_gradients, float *restrict vector_gradients,
                                         float *restrict bias_gradients) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const float factor = factors[row];
        const int64_t target = targets[row];
        const float *restrict y = scored + row * width;
        const float *restrict vector = vectors + target * width;
        float *restrict to_vector = vector_gradients + target * width;
        float *restrict to_scored = scored_gradients + row * width;
        float *restrict to_scaled = scaled + row * width;
        for (int64_t i = 0; i < width; i++) {
            to_scaled[i] = factor * y[i];
            to_scored[i] = factor * to_scored[i] - weight * vector[i];
            to_vector[i] -= weight * y[i];
        }
        if (bias_gradients) bias_gradients[target] -= weight;
    }
}

DISPATCHED double tributary_sampled_softmax(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                            const int32_t *restrict samples, const int32_t *restrict targets,
                                            float weight_of_sample, float weight) {
    FAST_SUMS
    const float shift = logf(weight_of_sample);
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t target = targets[row];
        const float target_score = target_scores[row];
        for (int64_t i = 0; i < n; i++) {
            float value = x[i] + shift;
            x[i] = samples[i] == target ? -INFINITY : value;
        }
        float largest = largest_of(n, x);
        largest = largest > target_score ? largest : target_score;
        float sum = 0;
        for (int64_t i = 0; i < n; i++) {
            float value = fast_exp(x[i] - largest);
            value = samples[i] == target ? 0.0f : value;
            x[i] = value;
            sum += value;
        }
        float own = expf(target_score - largest);
        sum += own;
        loss += (double)logf(sum) + (double)largest - (double)target_score;
        float factor = weight / sum;
        for (int64_t i = 0; i < n; i++) x[i] *= factor;
        target_scores[row] = own * factor - weight;
    }
    return loss;
}

// With r the target's score, x_j the samples', s = softmax(x), g_j = sigmoid(r - x_j), A = sum s_j g_j, R = sum s_j x_j^2:
// loss = -log A + lambda R,
// d/dr   = -(1/A) sum s_j g_j (1 - g_j),
// d/dx_j = -(1/A) s_j (g_j - A - g_j (1 - g_j)) + lambda s_j (2 x_j + x_j^2 - R).
DISPATCHED double tributary_bpr_max(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                    const int32_t *restrict samples, const int32_t *restrict targets, float regularization,
                                    float weight) {
    FAST_SUMS
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t target = targets[row];
        const float own = target_scores[row];
        float largest = -INFINITY;
        for (int64_t i = 0; i < n; i++) {
            float value = samples[i] == target ? -INFINITY : x[i];
            largest = value > largest ? value : largest;
        }
        if (largest == -INFINITY) {
            for (int64_t i = 0; i < n; i++) x[i] = 0;
            target_scores[row] = 0;
            continue;
        }
        float sum = 0, agreement = 0, slope = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            float share = samples[i] == target ? 0.0f : fast_exp(x[i] - largest);
            float wins = fast_sigmoid(own - x[i]);
            sum += share;
            agreement += share * wins;
            slope += share * wins * (1.0f - wins);
            squares += share * x[i] * x[i];
        }
        // The least agreement keeps the logarithm finite when every sample beats the target by far.
        agreement = agreement / sum;
        agreement = agreement < 1e-24f ? 1e-24f : agreement;
        slope /= sum;
        squares /= sum;
        loss += -(double)logf(agreement) + (double)regularization * (double)squares;
        target_scores[row] = -weight * slope / agreement;
        float inverse = 1.0f / agreement, per_sum = 1.0f / sum;
        for (int64_t i = 0; i < n; i++) {
            float value = x[i];
            float share = samples[i] == target ? 0.0f : fast_exp(value - largest) * per_sum;
            float wins = fast_sigmoid(own - value);
            float ranking = -inverse * share * (wins - agreement - wins * (1.0f - wins));
            float shrinking = regularization * share * (2.0f * value + value * value - squares);
            x[i] = weight * (ranking + shrinking);
        }
    }
    return loss;
}

/// log(1 + e) for e in [0, 1], relative error below 3e-7: Cephes' logf with the argument halved above sqrt 2.
INLINE float log_of_one_plus(float e) {
    FUSED
    const int above = e > 0.41421356f;
    const float f = above ? (e - 1.0f) * 0.5f : e;
    const float square = f * f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float value = f * square * p - 0.5f * square + f;
    return value + (above ? 0.69314718056f : 0.0f);
}

/// log(1 + exp(x))
INLINE float fast_softplus(float x) {
    float magnitude = x < 0 ? -x : x;
    return (x > 0 ? x : 0) + log_of_one_plus(fast_exp(-magnitude));
}

DISPATCHED double tributary_binary_cross_entropy(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                                 const int32_t *restrict samples, int64_t stride, const int32_t *restrict targets,
                                                 float weight_of_target, float weight) {
    FAST_SUMS
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t *restrict sample = samples + row * stride;
        const int32_t target = targets[row];
        const float own = target_scores[row];
        float sum = 0;
        for (int64_t i = 0; i < n; i++) {
            const float value = x[i];
            const int counts = sample[i] != target;
            sum += counts ? fast_softplus(value) : 0.0f;
            x[i] = counts ? weight * fast_sigmoid(value) : 0.0f;
        }
        loss += (double)sum + (double)(weight_of_target * fast_softplus(-own));
        target_scores[row] = -weight * weight_of_target * fast_sigmoid(-own);
    }
    return loss;
}

DISPATCHED double tributary_bpr(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                const int32_t *restrict samples, int64_t stride, const int32_t *restrict targets, float weight) {
    FAST_SUMS
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t *restrict sample = samples + row * stride;
        const int32_t target = targets[row];
        const float own = target_scores[row];
        float sum = 0, slope = 0;
        for (int64_t i = 0; i < n; i++) {
            const float behind = x[i] - own;
            const int counts = sample[i] != target;
            const float value = counts ? weight * fast_sigmoid(behind) : 0.0f;
            sum += counts ? fast_softplus(behind) : 0.0f;
            slope += value;
            x[i] = value;
        }
        loss += (double)sum;
        target_scores[row] = -slope;
    }
    return loss;
}

DISPATCHED void tributary_own_scores(int64_t rows, int64_t k, int64_t width, const float *restrict scored,
                                     const float *restrict vectors, const float *restrict biases, const int32_t *restrict samples,
                                     float *restrict scores) {
    FAST_SUMS
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict y = scored + row * width;
        for (int64_t j = 0; j < k; j++) {
            const int64_t item = samples[row * k + j];
            const float *restrict vector = vectors + item * width;
            float sum = 0;
            for (int64_t i = 0; i < width; i++) sum += y[i] * vector[i];
            scores[row * k + j] = biases ? sum + biases[item] : sum;
        }
    }
}

DISPATCHED void tributary_own_gradients(int64_t rows, int64_t k, int64_t width, const float *restrict slopes,
                                        const float *restrict scored, const float *restrict vectors, const int32_t *restrict samples,
                                        float *restrict scored_gradients, float *restrict vector_gradients,
                                        float *restrict bias_gradients) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict y = scored + row * width;
        float *restrict to_scored = scored_gradients + row * width;
        for (int64_t j = 0; j < k; j++) {
            const int64_t item = samples[row * k + j];
            const float slope = slopes[row * k + j];
            const float *restrict vector = vectors + item * width;
            float *restrict to_vector = vector_gradients + item * width;
            for (int64_t i = 0; i < width; i++) {
                to_scored[i] += slope * vector[i];
                to_vector[i] += slope * y[i];
            }
            if (bias_gradients) bias_gradients[item] += slope;
        }
    }
}
