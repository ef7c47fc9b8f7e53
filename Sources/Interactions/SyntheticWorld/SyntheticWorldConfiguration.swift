/// The laws of a synthetic world. The defaults were fixed before any model was trained on it, so that the world's popularity
/// Gini and the ratio of its baselines lie among those of real data; `docs/guides/import-data.md` gives the figures.
public struct SyntheticWorldConfiguration: Sendable, Hashable {
    /// How many people; at least 1.
    public var userCount: Int
    /// V, how many items; at least 20.
    public var itemCount: Int
    /// Mean number of events of a user; at least 5. The numbers spread log-normally and none is below 5.
    public var meanEvents: Double

    /// Exponent of Zipf's law of item popularity: weight (rank + 10)^−a.
    public var popularityExponent: Double
    /// α of the Dirichlet law of a user's taste for categories: small means few favourites.
    public var categoryConcentration: Double
    /// α of the Dirichlet law of a user's taste for tones.
    public var toneConcentration: Double
    /// Probability that the next item is one of those that lead on from an item met just before.
    public var followShare: Double
    /// Of the items led on from, the share of those before the last one: order beyond the first.
    public var skipShare: Double
    /// Probability that the next item is from the category the user is in, the commonest of the last three items.
    public var stayShare: Double
    /// Probability that the next item is chosen by nothing but its popularity; what is left goes to the user's own taste.
    public var wanderShare: Double
    /// How many items lead on from each item.
    public var followerCount: Int
    /// Exponent of an item's popularity weight in the choice of what follows an item; 0 makes all equal.
    public var followerPopularity: Double
    /// How much an item's weight grows, as a multiple, at the height of its season.
    public var seasonStrength: Double

    public init(userCount: Int = 6000, itemCount: Int = 2000, meanEvents: Double = 50) {
        self.userCount = userCount
        self.itemCount = itemCount
        self.meanEvents = meanEvents
        popularityExponent = 1.2
        categoryConcentration = 0.1
        toneConcentration = 0.2
        followShare = 0.2
        skipShare = 0.4
        stayShare = 0.35
        wanderShare = 0.05
        followerCount = 12
        followerPopularity = 0.7
        seasonStrength = 1.0
    }
}
