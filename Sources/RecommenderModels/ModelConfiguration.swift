/// Which model a plan trains, with its hyper-parameters. The number of items V comes from the catalog, not from here.
public enum ModelConfiguration: Sendable, Hashable {
    case gru4rec(GRU4RecConfiguration)
    case bprMF(BPRMFConfiguration)
    case ials(IALSConfiguration)
    /// iALS whose rounds are exact sweeps over sums of statistics; for federations.
    case ialsStatistics(IALSConfiguration)
    case item2Vec(Item2VecConfiguration)
    case sasRec(SASRecConfiguration)
    case ease(EASEConfiguration)
    case itemKNN(ItemKNNConfiguration)
    case itemTransitions(ItemTransitionsConfiguration)
    case pureSVD(PureSVDConfiguration)
    case nmf(NMFConfiguration)
    case lightGCN(LightGCNConfiguration)
    case lstm(LSTMConfiguration)
    case caser(CaserConfiguration)
    case bert4rec(BERT4RecConfiguration)
}

/// A gated recurrent unit over a user's item sequence (Hidasi et al. 2016; Cho et al. 2014 for the cell).
public struct GRU4RecConfiguration: Sendable, Hashable {
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

/// Matrix factorisation with the Bayesian personalised ranking loss (Rendle et al. 2009). User vectors are folded in from the
/// user's own events and never leave the node; only item vectors and item biases are shared.
public struct BPRMFConfiguration: Sendable, Hashable {
    /// D, width of a vector; 1…1024.
    public var dimension: Int
    /// λ of the squared norms; ≥ 0.
    public var regularization: Float
    /// Local steps that fit a user's vector to the frozen item vectors before they move together; ≥ 1.
    public var foldInSteps: Int
    /// Pooled training draws negatives in proportion to frequency to this power, −1…1; 0 is uniform, as federations, which do not know
    /// the items' frequencies, always draw.
    public var negativeExponent: Float

    public init(dimension: Int = 64, regularization: Float = 0.01, foldInSteps: Int = 20, negativeExponent: Float = 0) {
        self.dimension = dimension
        self.regularization = regularization
        self.foldInSteps = foldInSteps
        self.negativeExponent = negativeExponent
    }
}
