"""faiss: top 10 of the workload's vectors by inner product, each query alone; the flat scan (`search-flat`) and HNSW (`search-hnsw`)."""
import time

import harness

LINKS, BUILD_WIDTH, SEARCH_WIDTH, COUNT = 16, 100, 64, 10


def main(options, vectors):
    import faiss
    import numpy as np

    faiss.omp_set_num_threads(options.threads)
    items, queries = vectors.items, vectors.queries
    width = items.shape[1]
    flat = faiss.IndexFlatIP(width)
    flat.add(items)
    built = 0.0
    if options.task == "search-hnsw":
        index = faiss.IndexHNSWFlat(width, LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_WIDTH
        index.hnsw.efSearch = SEARCH_WIDTH
        start = time.perf_counter()
        index.add(items)
        built = time.perf_counter() - start
    else:
        index = flat
    answers = []

    def repeat():
        answers.clear()
        latencies = []
        for row in range(len(queries)):
            query = queries[row : row + 1]
            start = time.perf_counter()
            _, found = index.search(query, COUNT)
            latencies.append(time.perf_counter() - start)
            answers.append(found[0])
        return {
            "units": len(queries),
            "latencies": latencies,
            "p50": float(np.percentile(latencies, 50)),
            "p99": float(np.percentile(latencies, 99)),
        }

    def finish():
        _, truth = flat.search(queries, COUNT)
        hits = sum(len(np.intersect1d(found, best)) for found, best in zip(answers, truth))
        return {"recall@10": hits / truth.size, "build_seconds": built}

    return harness.Peer("faiss " + faiss.__version__, repeat, finish)


harness.run(main)
