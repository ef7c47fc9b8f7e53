#include "CKernels.h"
#include "draws.h"
#include "lanes.h"

#include <math.h>

/// Logits, derivatives and steps of one window: every context item's input vector against the outputs, of which the first is the
/// centre and the others are negatives. All derivatives are taken before anything moves.
INLINE double skipgram_window(const int64_t blocks, const tributary_skipgram *task, int64_t contexts, const int32_t *context, int64_t outputs,
                              const int32_t *output, float *slopes, float *moves) {
    FUSED
    const int64_t width = blocks * LANES;
    for (int64_t c = 0; c < contexts; c++) {
        const float *in = task->input + (int64_t)context[c] * width;
        lanes own[blocks];
        for (int64_t b = 0; b < blocks; b++) own[b] = LOAD(in + b * LANES);
        for (int64_t o = 0; o < outputs; o++) {
            const float *out = task->output + (int64_t)output[o] * width;
            lanes product = own[0] * LOAD(out);
            for (int64_t b = 1; b < blocks; b++) product += own[b] * LOAD(out + b * LANES);
            LANE_SUM(slopes[c * outputs + o], product);
        }
    }
    // A positive's score counts negated, so that every loss is log(1 + e^x).
    double product = 1;
    const int64_t count = contexts * outputs;
    for (int64_t c = 0; c < contexts; c++) slopes[c * outputs] = -slopes[c * outputs];
    float *odds = slopes + count;
    for (int64_t k = 0; k < count; k++) {
        float value = fast_exp(slopes[k] > 40.0f ? 40.0f : slopes[k]);
        odds[k] = 1.0f + value;
        slopes[k] = -task->rate * (value / (1.0f + value));
    }
    double loss = 0;
    for (int64_t k = 0; k < count; k++) {
        product *= (double)odds[k];
        if (!(product < 1e200)) {
            loss += log(product);
            product = 1;
        }
    }
    for (int64_t c = 0; c < contexts; c++) slopes[c * outputs] = -slopes[c * outputs];
    for (int64_t o = 0; o < outputs; o++) {
        lanes sum[blocks];
        for (int64_t b = 0; b < blocks; b++) sum[b] = (lanes){0};
        for (int64_t c = 0; c < contexts; c++) {
            const float *in = task->input + (int64_t)context[c] * width;
            const float slope = slopes[c * outputs + o];
            for (int64_t b = 0; b < blocks; b++) sum[b] += slope * LOAD(in + b * LANES);
        }
        for (int64_t b = 0; b < blocks; b++) STORE(moves + o * width + b * LANES, sum[b]);
    }
    for (int64_t c = 0; c < contexts; c++) {
        float *in = task->input + (int64_t)context[c] * width;
        lanes sum[blocks];
        for (int64_t b = 0; b < blocks; b++) sum[b] = LOAD(in + b * LANES);
        for (int64_t o = 0; o < outputs; o++) {
            const float *out = task->output + (int64_t)output[o] * width;
            const float slope = slopes[c * outputs + o];
            for (int64_t b = 0; b < blocks; b++) sum[b] += slope * LOAD(out + b * LANES);
        }
        for (int64_t b = 0; b < blocks; b++) STORE(in + b * LANES, sum[b]);
    }
    for (int64_t o = 0; o < outputs; o++) {
        float *out = task->output + (int64_t)output[o] * width;
        for (int64_t b = 0; b < blocks; b++) STORE(out + b * LANES, LOAD(out + b * LANES) + LOAD(moves + o * width + b * LANES));
    }
    return loss + log(product);
}

DISPATCHED double tributary_skipgrams(const tributary_skipgram *task, int64_t n, const int32_t *events, uint64_t key, int32_t *kept,
                                      float *space, int64_t *pairs) {
    FUSED
    int64_t length = 0;
    for (int64_t e = 0; e < n; e++) {
        if (task->keep && (uint32_t)(numbered(key, (uint64_t)e) >> 32) > task->keep[events[e]]) continue;
        kept[length++] = events[e];
    }
    int32_t *context = kept + length, *output = context + 2 * task->window;
    float *moves = space, *slopes = space + (task->negatives + 1) * task->width;
    double loss = 0;
    for (int64_t center = 0; center < length; center++) {
        const uint64_t own_key = numbered(key ^ 0x6A09E667F3BCC909u, (uint64_t)center);
        const int64_t reach = 1 + (int64_t)scaled(own_key, (uint64_t)task->window);
        int64_t contexts = 0, outputs = 1;
        const int64_t last = task->directed ? center : center + reach;
        for (int64_t e = center - reach < 0 ? 0 : center - reach; e <= last && e < length; e++) {
            if (e == center) continue;
            context[contexts++] = kept[e];
        }
        if (contexts == 0) continue;
        output[0] = kept[center];
        for (int64_t k = 0; k < task->negatives; k++) {
            int32_t item = drawn(task->draws, numbered(own_key, (uint64_t)k));
            if (item != kept[center]) output[outputs++] = item;
        }
        for (int64_t c = 0; c < contexts; c++) task->input_stamps[context[c]] = task->stamp;
        for (int64_t o = 0; o < outputs; o++) task->output_stamps[output[o]] = task->stamp;
        switch (task->width / LANES) {
        case 1: loss += skipgram_window(1, task, contexts, context, outputs, output, slopes, moves); break;
        case 2: loss += skipgram_window(2, task, contexts, context, outputs, output, slopes, moves); break;
        case 4: loss += skipgram_window(4, task, contexts, context, outputs, output, slopes, moves); break;
        case 8: loss += skipgram_window(8, task, contexts, context, outputs, output, slopes, moves); break;
        default: loss += skipgram_window(task->width / LANES, task, contexts, context, outputs, output, slopes, moves); break;
        }
        *pairs += contexts;
    }
    return loss;
}

DISPATCHED void tributary_merge_rows(int64_t first, int64_t last, int64_t width, int64_t copies, float *const *copy,
                                     const int32_t *const *stamps, int32_t stamp, float *table) {
    for (int64_t row = first; row < last; row++) {
        float *own = table + row * width;
        int64_t touched = 0, only = 0;
        for (int64_t s = 0; s < copies; s++) {
            if (stamps[s][row] != stamp) continue;
            touched++;
            only = s;
        }
        if (touched == 0) continue;
        if (touched == 1) {
            memcpy(own, copy[only] + row * width, (size_t)width * sizeof(float));
        } else {
            for (int64_t b = 0; b < width; b += LANES) {
                const lanes before = LOAD(own + b);
                lanes sum = before;
                for (int64_t s = 0; s < copies; s++) sum += LOAD(copy[s] + row * width + b) - before;
                STORE(own + b, sum);
            }
        }
        for (int64_t s = 0; s < copies; s++) memcpy(copy[s] + row * width, own, (size_t)width * sizeof(float));
    }
}
