import RecommenderModels
import Testing

/// A small model of every kind: what all models promise is tested with these. A new model adds a line.
struct ModelExample: Sendable, CustomTestStringConvertible {
    /// The model's word in a plan file, and its settings there.
    let word: String
    let settings: String
    /// What they mean.
    let configuration: ModelConfiguration

    init(_ word: String, _ settings: String, _ configuration: ModelConfiguration) {
        (self.word, self.settings, self.configuration) = (word, settings, configuration)
    }

    var testDescription: String { word }

    static let all: [ModelExample] = [
        ModelExample(
            "gru4rec", "{embedding-dimension: 4, hidden-dimension: 6, layers: 2, hidden-dropout: 0.25}",
            .gru4rec(GRU4RecConfiguration(embeddingDimension: 4, hiddenDimension: 6, layers: 2, hiddenDropout: 0.25))),
        ModelExample("bpr-mf", "{dimension: 4, fold-in-steps: 5}", .bprMF(BPRMFConfiguration(dimension: 4, foldInSteps: 5))),
        ModelExample(
            "sasrec", "{dimension: 4, heads: 2, maximum-length: 6, residual: normalized}",
            .sasRec(SASRecConfiguration(dimension: 4, heads: 2, maximumLength: 6, residual: .normalized))),
        ModelExample(
            "sasrec", "{dimension: 4, heads: 2, maximum-length: 6}", .sasRec(SASRecConfiguration(dimension: 4, heads: 2, maximumLength: 6))),
        ModelExample(
            "lstm", "{embedding-dimension: 4, tied-embeddings: false, loss: {sampled-softmax: {negatives: 3}}}",
            .lstm(LSTMConfiguration(
                embeddingDimension: 4, hiddenDimension: 4, tiedEmbeddings: false, loss: .sampledSoftmax(negatives: 3, logQ: true)))),
        ModelExample(
            "caser", "{dimension: 4, window: 3, horizontal-filters: 2, vertical-filters: 2, dropout: 0.5}",
            .caser(CaserConfiguration(dimension: 4, window: 3, horizontalFilters: 2, verticalFilters: 2, dropout: 0.5))),
        ModelExample(
            "bert4rec", "{dimension: 4, maximum-length: 6, mask-probability: 0.5, last-only-probability: 0.25}",
            .bert4rec(BERT4RecConfiguration(dimension: 4, maximumLength: 6, maskProbability: 0.5, lastOnlyProbability: 0.25))),
        ModelExample("ease", "{regularization: 2, user-weight: inverse-root}", .ease(EASEConfiguration(regularization: 2, userWeight: .inverseRoot))),
        ModelExample(
            "item-knn", "{similarity: euclidean, neighbours: 7, shrinkage: 0.5}",
            .itemKNN(ItemKNNConfiguration(similarity: .euclidean, neighbours: 7, shrinkage: 0.5))),
        ModelExample("pure-svd", "{dimension: 4, user-weight: inverse-count}", .pureSVD(PureSVDConfiguration(dimension: 4, userWeight: .inverseCount))),
        ModelExample("nmf", "{dimension: 4, regularization: 0.5}", .nmf(NMFConfiguration(dimension: 4, regularization: 0.5))),
        ModelExample("lightgcn", "{dimension: 4, layers: 2}", .lightGCN(LightGCNConfiguration(dimension: 4, layers: 2))),
        ModelExample("ials", "{dimension: 4, unobserved-weight: 0.25}", .ials(IALSConfiguration(dimension: 4, unobservedWeight: 0.25))),
        ModelExample("ials-statistics", "{dimension: 4, solver-steps: 2}", .ialsStatistics(IALSConfiguration(dimension: 4, solverSteps: 2))),
        ModelExample("item2vec", "{dimension: 4, window: 3, recency: 0.5}", .item2Vec(Item2VecConfiguration(dimension: 4, window: 3, recency: 0.5))),
        ModelExample(
            "item-transitions", "{direction: forward, window: 4, recent-events: 3}",
            .itemTransitions(ItemTransitionsConfiguration(direction: .forward, window: 4, recentEvents: 3))),
    ]
}
