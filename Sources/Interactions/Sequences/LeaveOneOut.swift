/// The split by which models are compared: each user's last event is the test, the one before it the validation, the rest
/// trains. Users with fewer than `minimumEvents` events are training data only.
public struct LeaveOneOut: Sendable {
    /// All events, as given.
    public let sequences: UserSequences
    /// The training part of every user, in the same order; short users are here with all their events.
    public let train: UserSequences
    /// Each user's last event but one, −1 for a short user.
    public let validation: [Int32]
    /// Each user's last event, −1 for a short user.
    public let test: [Int32]
    /// The users that have a validation and a test event, ascending.
    public let evaluatedUsers: [Int]

    /// - Parameter minimumEvents: at least 3, so that every evaluated user also trains.
    public init(_ sequences: UserSequences, minimumEvents: Int = 3) {
        precondition(minimumEvents >= 3, "leave-one-out needs at least 3 events: one to train on, one to validate, one to test")
        self.sequences = sequences
        var items: [Int32] = []
        items.reserveCapacity(sequences.eventCount)
        var offsets = [0]
        var validation: [Int32] = []
        var test: [Int32] = []
        var evaluated: [Int] = []
        for user in 0..<sequences.userCount {
            let events = sequences[user]
            if events.count >= minimumEvents {
                items.append(contentsOf: events.dropLast(2))
                validation.append(events[events.endIndex - 2])
                test.append(events[events.endIndex - 1])
                evaluated.append(user)
            } else {
                items.append(contentsOf: events)
                validation.append(-1)
                test.append(-1)
            }
            offsets.append(items.count)
        }
        self.train = UserSequences(items: items, offsets: offsets)
        self.validation = validation
        self.test = test
        self.evaluatedUsers = evaluated
    }

    /// What the model sees before the test event: everything older, the validation event included.
    /// - Parameter user: one of ``evaluatedUsers``.
    public func testHistory(of user: Int) -> ArraySlice<Int32> { sequences[user].dropLast(1) }

    /// What the model sees before the validation event: the training part.
    /// - Parameter user: one of ``evaluatedUsers``.
    public func validationHistory(of user: Int) -> ArraySlice<Int32> { sequences[user].dropLast(2) }
}
