"""iALS of `implicit`: one sweep of d 64 with 3 steps of conjugate gradient, as ours. Task `ials`."""
import harness

DIMENSION, REGULARIZATION, UNOBSERVED = 64, 0.003, 0.1


def main(options, workload):
    import implicit
    import numpy as np
    from implicit.als import AlternatingLeastSquares
    from implicit.cpu._als import least_squares_cg

    # implicit weighs an observed pair with its value and an unobserved one with 1: ours divided by the unobserved weight. Its ridge is
    # the same for all rows, here the mean of ours.
    matrix = workload.matrix()
    matrix.data[:] = (1 + UNOBSERVED) / UNOBSERVED
    ridge = REGULARIZATION * (matrix.nnz / workload.user_count + UNOBSERVED * workload.item_count) / UNOBSERVED
    transposed = matrix.T.tocsr()
    generator = np.random.default_rng(options.seed)
    draw = lambda rows: (generator.random((rows, DIMENSION), dtype=np.float32) * 2 - 1) * np.float32(0.1 * (3 / DIMENSION) ** 0.5)
    users, items = draw(workload.user_count), draw(workload.item_count)

    def repeat():
        least_squares_cg(matrix, users, items, ridge, cg_steps=3, num_threads=options.threads)
        least_squares_cg(transposed, items, users, ridge, cg_steps=3, num_threads=options.threads)
        return {"units": matrix.nnz}

    def finish():
        model = AlternatingLeastSquares(factors=DIMENSION, regularization=ridge, num_threads=options.threads)
        model.item_factors, model.user_factors = items, users
        history = histories(workload)
        history.data[:] = (1 + UNOBSERVED) / UNOBSERVED

        def scores(rows):
            return model.recalculate_user(rows, history[rows]) @ items.T

        return {"ndcg@10": harness.ndcg(workload, scores)}

    return harness.Peer("implicit " + implicit.__version__, repeat, finish)


def histories(workload):
    """Users × items with the validation item."""
    from scipy.sparse import csr_matrix
    import numpy as np

    rows = [np.unique(workload.history(user)) for user in range(workload.user_count)]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    items = np.concatenate(rows)
    return csr_matrix((np.ones(len(items), dtype=np.float32), items, offsets), shape=(workload.user_count, workload.item_count))


if __name__ == "__main__":
    harness.run(main)
