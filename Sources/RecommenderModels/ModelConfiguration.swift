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
