public import Federation

/// What an engine answers.
public struct Recommendations: Sendable, Hashable {
    public var model: ModelReference
    /// Best first.
    public var items: [Recommendation]
    /// Events of the history that the catalog lists, and those it does not.
    public var knownEvents: Int
    public var unknownEvents: Int
}

public struct Recommendation: Sendable, Hashable {
    public var item: String
    public var title: String?
    /// The model's score: comparable within one answer only.
    public var score: Float
    /// `nil` when not asked for, or when no single event raises the score.
    public var because: Reason?
    /// Whether the model does not know the item and ranks it by items like it.
    public var isNew: Bool
}

/// The event of the history that speaks most for an item.
public struct Reason: Sendable, Hashable {
    public var item: String
    public var title: String?
    /// How much the score falls when the event is left out.
    public var gain: Float
}
