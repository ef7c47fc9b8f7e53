/// Skip-grams with negative sampling over item sequences (Mikolov et al. 2013; Barkan and Koenigstein 2016 for items). Every item has an
/// input and an output vector; items near each other in a sequence get input and output vectors that agree.
public struct Item2VecConfiguration: Sendable, Hashable {
    /// What items are scored with.
    public enum Scoring: String, Sendable, Hashable, CaseIterable {
        /// Input vectors of unit length against the mean of the history's: similarity.
        case inputs
        /// Output vectors against the mean of the history's input vectors: what follows.
        case outputs
    }

    /// D, width of a vector; 1…512.
    public var dimension: Int
    /// The most steps between two events of a pair; each centre draws its own from 1 to this; 1…1000.
    public var window: Int
    /// Negatives of a window, shared by its pairs; 1…1000.
    public var negatives: Int
    /// Negatives are drawn in proportion to frequency to this power, −1…1; 0 is uniform. Item frequencies are known to pooled training
    /// only: a federation draws uniformly.
    public var negativeExponent: Float
    /// t of subsampling: events of an item with share f are kept with probability √(t/f) + t/f; 0 keeps all. Pooled training only.
    public var subsampling: Float
    /// Whether an event is paired with the ones after it only, so that inputs tell what follows.
    public var directed: Bool
    public var scoring: Scoring
    /// Weight of an event of the history relative to the one after it; in (0, 1], 1 is the plain mean.
    public var recency: Float

    public init(
        dimension: Int = 64, window: Int = 5, negatives: Int = 5, negativeExponent: Float = 0, subsampling: Float = 0,
        directed: Bool = false, scoring: Scoring = .outputs, recency: Float = 1
    ) {
        self.dimension = dimension
        self.window = window
        self.negatives = negatives
        self.negativeExponent = negativeExponent
        self.subsampling = subsampling
        self.directed = directed
        self.scoring = scoring
        self.recency = recency
    }

    func validate() throws {
        try check(dimension, in: 1...512, "the dimension")
        try check(window, in: 1...1000, "the window")
        try check(negatives, in: 1...1000, "the number of negatives")
        guard (-1...1).contains(negativeExponent) else {
            throw ModelError("the exponent of the negatives is \(negativeExponent); choose a value from -1 to 1")
        }
        try check(weight: subsampling, "the threshold of subsampling")
        guard recency > 0, recency <= 1 else { throw ModelError("the recency is \(recency); choose a value above 0 and at most 1") }
    }
}
