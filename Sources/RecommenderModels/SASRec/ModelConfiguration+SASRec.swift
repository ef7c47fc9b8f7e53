/// Causal self-attention over a user's item sequence (Kang and McAuley 2018), with layer normalisation before each part.
public struct SASRecConfiguration: Sendable, Hashable {
    /// D, width of an item vector and of everything between the blocks; 1…1024, a multiple of `heads`.
    public var dimension: Int
    /// Blocks of attention and feed-forward; 1…8.
    public var blocks: Int
    /// Heads of an attention; 1…16.
    public var heads: Int
    /// L, the most recent events that are read, and the rows of the table of positions; 1…1000.
    public var maximumLength: Int
    /// F, width inside the feed-forward part; 1…4096.
    public var feedForwardDimension: Int
    public var activation: FeedForwardActivation
    public var positions: PositionOrder
    public var residual: ResidualPath
    /// Whether items are scored with the vectors they are read with.
    public var tiedEmbeddings: Bool
    /// Whether every item has a bias in the scores.
    public var outputBias: Bool
    /// Probability that a coordinate of what the first block reads is dropped in training; [0, 1).
    public var embeddingDropout: Float
    /// Probability that a share of attention is dropped; [0, 1).
    public var attentionDropout: Float
    /// Probability that a coordinate is dropped behind the attention, inside the feed-forward part and behind it; [0, 1).
    public var hiddenDropout: Float
    public var loss: SequenceLoss
    /// Whether the other items of a training sequence are no candidates, as at serving where those already met are left out; with full
    /// cross-entropy only.
    public var leavesOutMet: Bool

    /// - Parameter feedForwardDimension: `nil` for D, as in the paper.
    public init(
        dimension: Int = 64, blocks: Int = 2, heads: Int = 1, maximumLength: Int = 50, feedForwardDimension: Int? = nil,
        activation: FeedForwardActivation = .relu, positions: PositionOrder = .mostRecentFirst, residual: ResidualPath = .inputs,
        tiedEmbeddings: Bool = true, outputBias: Bool = false, embeddingDropout: Float = 0.2, attentionDropout: Float = 0.2,
        hiddenDropout: Float = 0.2, loss: SequenceLoss = .crossEntropy, leavesOutMet: Bool = false
    ) {
        self.dimension = dimension
        self.blocks = blocks
        self.heads = heads
        self.maximumLength = maximumLength
        self.feedForwardDimension = feedForwardDimension ?? dimension
        self.activation = activation
        self.positions = positions
        self.residual = residual
        self.tiedEmbeddings = tiedEmbeddings
        self.outputBias = outputBias
        self.embeddingDropout = embeddingDropout
        self.attentionDropout = attentionDropout
        self.hiddenDropout = hiddenDropout
        self.loss = loss
        self.leavesOutMet = leavesOutMet
    }
}

/// What a feed-forward part applies between its two layers.
public enum FeedForwardActivation: Sendable, Hashable {
    case relu
    /// In the form with tanh (Hendrycks and Gimpel 2016).
    case gelu
}

/// Which event has the first row of a table of positions.
public enum PositionOrder: Sendable, Hashable {
    /// The last event of a window: what is asked after any history has the same position, as with padding on the left.
    case mostRecentFirst
    /// The first event of a window.
    case oldestFirst
}

/// What a block's parts are added to, and with it what keys and values are made of.
public enum ResidualPath: Sendable, Hashable {
    /// What the part's normalisation reads: x + f(LN(x)), keys and values of LN(x).
    case inputs
    /// What the part's normalisation makes: LN(x) + f(LN(x)), keys and values of x itself, as in the code the paper's authors published.
    case normalized
}

extension SASRecConfiguration {
    func validate() throws {
        try check(dimension, in: 1...1024, "the dimension")
        try check(blocks, in: 1...8, "the number of blocks")
        try check(heads, in: 1...16, "the number of heads")
        guard dimension % heads == 0 else {
            throw ModelError("the dimension \(dimension) does not divide into \(heads) heads; choose a multiple of the heads")
        }
        try check(maximumLength, in: 1...1000, "the maximum length")
        try check(feedForwardDimension, in: 1...4096, "the feed-forward dimension")
        try check(dropout: embeddingDropout, "the embedding dropout")
        try check(dropout: attentionDropout, "the attention dropout")
        try check(dropout: hiddenDropout, "the hidden dropout")
        try loss.validate()
        guard !leavesOutMet || loss == .crossEntropy else {
            throw ModelError("only full cross-entropy can leave out items that were met; choose that loss, or compare with all items")
        }
    }

    /// Parameters an item brings with it.
    var parametersPerItem: Int { dimension * (tiedEmbeddings ? 1 : 2) + (outputBias ? 1 : 0) }
}
