/// Bidirectional self-attention trained to name hidden events (Sun et al. 2019). Blocks are SASRec's, with layer normalisation before each
/// part (the paper's stands behind it), GELU and attention to both sides.
public struct BERT4RecConfiguration: Sendable, Hashable {
    /// D, width of an item vector and of everything between the blocks; 1…1024, a multiple of `heads`.
    public var dimension: Int
    /// Blocks of attention and feed-forward; 1…8.
    public var blocks: Int
    /// Heads of an attention; 1…16.
    public var heads: Int
    /// L, the most recent events that are read in training; for scores one less, because the mask token stands behind them; 2…1000.
    public var maximumLength: Int
    /// F, width inside the feed-forward part; 1…4096.
    public var feedForwardDimension: Int
    /// Share of a sequence's events that are hidden in training, at least one and never all; (0, 1).
    public var maskProbability: Float
    /// Probability that of a sequence only the last event is hidden, as it is when scores are asked for; [0, 1].
    public var lastOnlyProbability: Float
    /// Probability that a coordinate of what the first block reads is dropped in training; [0, 1).
    public var embeddingDropout: Float
    /// Probability that a share of attention is dropped; [0, 1).
    public var attentionDropout: Float
    /// Probability that a coordinate is dropped behind the attention, inside the feed-forward part and behind it; [0, 1).
    public var hiddenDropout: Float
    public var loss: SequenceLoss

    /// - Parameter feedForwardDimension: `nil` for 4 D, as in the paper.
    public init(
        dimension: Int = 64, blocks: Int = 2, heads: Int = 2, maximumLength: Int = 50, feedForwardDimension: Int? = nil,
        maskProbability: Float = 0.2, lastOnlyProbability: Float = 0.1, embeddingDropout: Float = 0.1, attentionDropout: Float = 0.1,
        hiddenDropout: Float = 0.1, loss: SequenceLoss = .crossEntropy
    ) {
        self.dimension = dimension
        self.blocks = blocks
        self.heads = heads
        self.maximumLength = maximumLength
        self.feedForwardDimension = feedForwardDimension ?? 4 * dimension
        self.maskProbability = maskProbability
        self.lastOnlyProbability = lastOnlyProbability
        self.embeddingDropout = embeddingDropout
        self.attentionDropout = attentionDropout
        self.hiddenDropout = hiddenDropout
        self.loss = loss
    }
}

extension BERT4RecConfiguration {
    func validate() throws {
        try check(maximumLength, in: 2...1000, "the maximum length")
        guard maskProbability > 0, maskProbability < 1 else {
            throw ModelError("the mask probability is \(maskProbability); choose a value above 0 and below 1")
        }
        guard lastOnlyProbability >= 0, lastOnlyProbability <= 1 else {
            throw ModelError("the probability of hiding the last event only is \(lastOnlyProbability); choose a value from 0 to 1")
        }
        try blockConfiguration.validate()
    }

    /// The blocks as SASRec has them.
    var blockConfiguration: SASRecConfiguration {
        SASRecConfiguration(
            dimension: dimension, blocks: blocks, heads: heads, maximumLength: maximumLength, feedForwardDimension: feedForwardDimension,
            activation: .gelu, positions: .mostRecentFirst, tiedEmbeddings: true, outputBias: true, embeddingDropout: embeddingDropout,
            attentionDropout: attentionDropout, hiddenDropout: hiddenDropout, loss: loss)
    }

    /// Parameters an item brings with it.
    var parametersPerItem: Int { dimension + 1 }
}
