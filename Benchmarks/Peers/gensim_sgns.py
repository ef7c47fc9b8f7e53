"""Skip-grams with negative sampling of gensim: one pass of d 64, window 5, 5 negatives, over users' sequences. Task `sgns`."""
import harness

DIMENSION, WINDOW, NEGATIVES, RATE, EXPONENT = 64, 5, 5, 0.025, 0.75


def main(options, workload):
    import gensim
    import numpy as np
    from gensim.models import Word2Vec

    sentences = [[str(item) for item in workload.events(user)] for user in range(workload.user_count)]
    model = Word2Vec(
        vector_size=DIMENSION, window=WINDOW, sg=1, hs=0, negative=NEGATIVES, ns_exponent=EXPONENT, sample=0, min_count=1,
        workers=options.threads, seed=options.seed, alpha=RATE, min_alpha=RATE)
    model.build_vocab(sentences)
    # gensim draws each centre's reach from 1 to the window: on average (WINDOW + 1) pairs away from the ends. Counted exactly in expectation.
    pairs = 0.0
    for user in range(workload.user_count):
        n = len(workload.events(user))
        pairs += sum(2 * max(0, n - distance) * (WINDOW - distance + 1) / WINDOW for distance in range(1, WINDOW + 1))

    def repeat():
        model.train(sentences, total_examples=len(sentences), epochs=1, start_alpha=RATE, end_alpha=RATE)
        return {"units": int(pairs)}

    def finish():
        place = {int(word): row for row, word in enumerate(model.wv.index_to_key)}
        inputs = np.zeros((workload.item_count, DIMENSION), dtype=np.float32)
        outputs = np.zeros_like(inputs)
        for item, row in place.items():
            inputs[item], outputs[item] = model.wv.vectors[row], model.syn1neg[row]

        def scores(users):
            return np.stack([inputs[workload.history(user)].mean(0) for user in users]) @ outputs.T

        return {"ndcg@10": harness.ndcg(workload, scores)}

    return harness.Peer("gensim " + gensim.__version__, repeat, finish)


if __name__ == "__main__":
    harness.run(main)
