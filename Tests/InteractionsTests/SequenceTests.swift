import Interactions
import Testing

@Suite("Sequences and splits")
struct SequenceTests {
    static let table = InteractionTable([
        Interaction(user: "u", item: "a", time: 30), Interaction(user: "v", item: "b", time: 5), Interaction(user: "u", item: "b", time: 10),
        Interaction(user: "u", item: "c", time: 10), Interaction(user: "v", item: "a", time: 40), Interaction(user: "u", item: "d", time: 20),
    ])

    @Test("events are in order of time, equal times in file order; users by first appearance")
    func order() {
        #expect(Self.table.sequences() == UserSequences([[1, 2, 3, 0], [1, 0]]))
    }

    @Test("items a catalog lacks are left out and named")
    func catalog() throws {
        let catalog = try Catalog(items: ["d", "x", "a", "b"].map { CatalogItem(id: $0) })
        let known = Self.table.sequences(in: catalog)
        #expect(known.sequences == UserSequences([[3, 0, 2], [3, 2]]))
        #expect(known.unknownEventCount == 1 && known.unknownItems == ["c"])
    }

    @Test("leave-one-out takes the last event for the test and the one before for validation")
    func leaveOneOut() {
        let split = LeaveOneOut(UserSequences([[1, 2, 3, 4], [5, 6], [], [7, 8, 9]]))
        #expect(split.train == UserSequences([[1, 2], [5, 6], [], [7]]))
        #expect(split.validation == [3, -1, -1, 8] && split.test == [4, -1, -1, 9])
        #expect(split.evaluatedUsers == [0, 3])
        #expect(split.testHistory(of: 0) == [1, 2, 3] && split.validationHistory(of: 0) == [1, 2])
    }

    @Test("a global time split lets nothing from after the moment into training")
    func globalTime() throws {
        let split = try GlobalTimeSplit(Self.table, at: 20)
        #expect(split.train == UserSequences([[1, 2], [1]]) && split.test == UserSequences([[3, 0], [0]]))
        #expect(split.evaluatedUsers == [0, 1] && split.targets(of: 0) == [3, 0] && split.history(of: 1) == [1])
        #expect(try GlobalTimeSplit(Self.table, trainingShare: 0.5).moment == 20)
        #expect(throws: ImportError.self) { try GlobalTimeSplit(InteractionTable([Interaction(user: "u", item: "a")]), at: 1) }
    }

    @Test("an empty table has no sequences and can be split")
    func empty() throws {
        #expect(InteractionTable().sequences().userCount == 0)
        #expect(LeaveOneOut(UserSequences([])).evaluatedUsers.isEmpty)
        #expect(try GlobalTimeSplit(InteractionTable(), trainingShare: 0.9).evaluatedUsers.isEmpty)
    }
}
