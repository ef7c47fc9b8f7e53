/// A recurrent network over a user's item sequence: the state after each event is scored against item vectors.
public struct RecurrentConfiguration: Sendable, Hashable {
    /// D, width of an item vector; 1…1024.
    public var embeddingDimension: Int
    /// H, width of the hidden state; 1…1024. With tied embeddings and H ≠ D, a linear layer H → D precedes the scores.
    public var hiddenDimension: Int
    /// Stacked recurrent layers; 1…4.
    public var layers: Int
    /// Whether items are scored with the vectors they are read with.
    public var tiedEmbeddings: Bool
    /// Probability that a coordinate of an item vector is dropped in training; [0, 1).
    public var embeddingDropout: Float
    /// Probability that a coordinate of the hidden state is dropped before scoring; [0, 1).
    public var hiddenDropout: Float
    public var loss: SequenceLoss

    /// The most recent events of a history that are read for scores: training windows are no longer than this.
    public static let historyLimit = 200

    public init(
        embeddingDimension: Int = 64, hiddenDimension: Int = 64, layers: Int = 1, tiedEmbeddings: Bool = true,
        embeddingDropout: Float = 0, hiddenDropout: Float = 0, loss: SequenceLoss = .crossEntropy
    ) {
        self.embeddingDimension = embeddingDimension
        self.hiddenDimension = hiddenDimension
        self.layers = layers
        self.tiedEmbeddings = tiedEmbeddings
        self.embeddingDropout = embeddingDropout
        self.hiddenDropout = hiddenDropout
        self.loss = loss
    }
}

/// A gated recurrent unit (Hidasi et al. 2016; Cho et al. 2014 for the cell).
public typealias GRU4RecConfiguration = RecurrentConfiguration
/// A long short-term memory (Hochreiter and Schmidhuber 1997).
public typealias LSTMConfiguration = RecurrentConfiguration

extension RecurrentConfiguration {
    func validate() throws {
        try check(embeddingDimension, in: 1...1024, "the embedding dimension")
        try check(hiddenDimension, in: 1...1024, "the hidden dimension")
        try check(layers, in: 1...4, "the number of layers")
        try check(dropout: embeddingDropout, "the embedding dropout")
        try check(dropout: hiddenDropout, "the hidden dropout")
        try loss.validate()
    }

    /// Parameters an item brings with it.
    var parametersPerItem: Int { embeddingDimension + (tiedEmbeddings ? 0 : hiddenDimension) + 1 }
}
