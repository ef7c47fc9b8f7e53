public import RecommenderModels

/// How the best items are found in models whose scores are products of vectors; other models score every item.
public enum IndexChoice: Sendable, Hashable {
    /// Every item is scored.
    case exact
    /// A graph of near neighbours, built for each model version before it is served: sooner done on large catalogs, and nearly exact.
    case hnsw(HNSWConfiguration)
}
