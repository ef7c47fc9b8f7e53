"""BPR-MF of `implicit`: one epoch of d 64, negatives by popularity as it draws them. Task `bpr`."""
import harness

DIMENSION, RATE, REGULARIZATION = 64, 0.05, 0.01


def main(options, workload):
    import implicit
    import numpy as np
    from implicit.bpr import BayesianPersonalizedRanking
    from implicit.cpu import bpr as module

    matrix = workload.matrix()
    losses = {}

    model = BayesianPersonalizedRanking(
        factors=DIMENSION, learning_rate=RATE, regularization=REGULARIZATION, iterations=0, num_threads=options.threads,
        verify_negative_samples=True, random_state=options.seed)
    model.fit(matrix, show_progress=False)
    random = np.random.RandomState(options.seed)
    generator = module.RNGVector(options.threads, matrix.nnz - 1, random.randint(0, 2**31, size=options.threads))
    matrix.sort_indices()
    users = np.repeat(np.arange(workload.user_count), np.ediff1d(matrix.indptr)).astype(matrix.indices.dtype)
    factors = (np.array(model.user_factors), np.array(model.item_factors))

    def repeat():
        correct, skipped = module.bpr_update(
            generator, users, matrix.indices, matrix.indptr, factors[0], factors[1], RATE, REGULARIZATION, options.threads, True)
        losses["correct"] = correct / max(1, len(users) - skipped)
        return {"units": len(users)}

    def finish():
        scores = lambda rows: factors[0][rows] @ factors[1].T
        return {"correct": losses["correct"], "ndcg@10": harness.ndcg(workload, scores)}

    return harness.Peer("implicit " + implicit.__version__, repeat, finish)


if __name__ == "__main__":
    harness.run(main)
