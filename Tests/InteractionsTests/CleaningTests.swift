import Interactions
import SeededRandom
import Testing

@Suite("Cleaning")
struct CleaningTests {
    static func table(_ rows: [(String, String, Int64?, Float?)]) -> InteractionTable {
        InteractionTable(rows.map { Interaction(user: $0.0, item: $0.1, time: $0.2, rating: $0.3) })
    }

    func clean(_ table: InteractionTable, _ steps: CleaningStep...) -> InteractionTable { CleaningPipeline(steps).apply(to: table).table }

    @Test("exact duplicates go, the first stays; unlike or untimed events are no duplicates")
    func duplicates() {
        let table = Self.table([("u", "a", 1, 5), ("u", "a", 1, 5), ("u", "a", 1, 4), ("u", "a", 2, 5), ("v", "a", 1, 5), ("u", "a", nil, 5), ("u", "a", nil, 5)])
        #expect(clean(table, .exactDuplicates).count == 6)
        let untimed = InteractionTable([Interaction(user: "u", item: "a"), Interaction(user: "u", item: "a")])
        #expect(clean(untimed, .exactDuplicates) == untimed)
    }

    @Test("consecutive repeats go by time, not by file order")
    func repeats() {
        let table = Self.table([("u", "a", 3, nil), ("u", "b", 2, nil), ("u", "a", 1, nil), ("u", "a", 4, nil), ("v", "a", 5, nil)])
        #expect(clean(table, .consecutiveRepeats).events.map(\.time) == [3, 2, 1, 5])
    }

    @Test("ranges of time and rating keep what lies in them and is known")
    func ranges() {
        let table = Self.table([("u", "a", 1, 1), ("u", "b", 2, 3), ("u", "c", 3, nil), ("u", "d", nil, 5)])
        #expect(clean(table, .timeRange(from: 2, until: 3)).items.identifiers == ["b"])
        #expect(clean(table, .timeRange(from: nil, until: 3)).items.identifiers == ["a", "b"])
        #expect(clean(table, .minimumRating(3)).items.identifiers == ["b", "d"])
    }

    @Test("missing times are dropped, taken from the neighbour in the file, or put evenly between")
    func missingTimes() {
        let table = Self.table([("u", "a", nil, nil), ("u", "b", 10, nil), ("v", "x", 5, nil), ("u", "c", nil, nil), ("u", "d", nil, nil), ("u", "e", 40, nil), ("u", "f", nil, nil), ("w", "x", nil, nil)])
        #expect(clean(table, .missingTimes(.drop)).count == 3)
        #expect(clean(table, .missingTimes(.fileOrder)).events.map(\.time) == [10, 10, 5, 10, 10, 40, 40, nil])
        let (even, reports) = CleaningPipeline([.missingTimes(.interpolate)]).apply(to: table)
        #expect(even.events.map(\.time) == [10, 10, 5, 20, 30, 40, 40, nil])
        #expect(reports[0].changedEvents == 4 && reports[0].before == reports[0].after)
    }

    @Test(
        "missing ratings are filled from the user's own or from all ratings",
        arguments: [
            (.fill(.mean, of: .user), 3, 5), (.fill(.median, of: .user), 2, 5), (.fill(.mode, of: .user), 1, 5), (.fill(.median, of: .everyone), 3, 3),
            (.fill(.mode, of: .everyone), 1, 1),
        ] as [(CleaningStep.MissingRatings, Float, Float)])
    func missingRatings(treatment: CleaningStep.MissingRatings, u: Float, v: Float) {
        // Median of 1 1 2 4 5 7 … of user u alone: 1 1 3 7 → 2.
        let table = Self.table([("u", "a", nil, 1), ("u", "b", nil, 1), ("u", "c", nil, 3), ("u", "d", nil, 7), ("u", "e", nil, nil), ("v", "a", nil, 5), ("v", "b", nil, nil)])
        let filled = clean(table, .missingRatings(treatment))
        #expect(filled.rating[4] == u && filled.rating[6] == v)
        #expect(clean(table, .missingRatings(.drop)).count == 5)
    }

    @Test("ratings are mapped to [0, 1] from a declared range, or from that of the data")
    func unitRatings() {
        let table = Self.table([("u", "a", nil, 2), ("u", "b", nil, 4), ("u", "c", nil, 6), ("u", "d", nil, nil)])
        #expect(clean(table, .unitRatings(nil)).events.map(\.rating) == [0, 0.5, 1, nil])
        #expect(clean(table, .unitRatings(0...5)).events.map(\.rating) == [0.4, 0.8, 1, nil])
    }

    @Test("rare users and items go until none is left")
    func core() {
        // Dropping item z leaves w with one event, whose going leaves item b with one.
        let table = Self.table([("u", "a", 1, nil), ("u", "b", 2, nil), ("v", "a", 3, nil), ("v", "a", 4, nil), ("w", "b", 5, nil), ("w", "z", 6, nil)])
        let (core, reports) = CleaningPipeline([.minimumEvents(perUser: 2, perItem: 2)]).apply(to: table)
        #expect(core.events.map(\.user) == ["v", "v"])
        #expect(reports[0].description == "minimum-events:user=2,item=2: events 6 → 2, users 3 → 1, items 3 → 1")
    }

    @Test("the latest events stay")
    func latest() {
        let table = Self.table([("u", "a", 3, nil), ("u", "b", 1, nil), ("u", "c", 2, nil), ("v", "a", 9, nil)])
        #expect(clean(table, .latestEvents(2)).events.map(\.time) == [3, 2, 9])
    }

    static let idempotent: [CleaningStep] = [
        .exactDuplicates, .consecutiveRepeats, .timeRange(from: 3, until: 17), .minimumRating(2), .missingTimes(.drop), .missingTimes(.fileOrder),
        .missingTimes(.interpolate), .missingRatings(.drop), .missingRatings(.fill(.mean, of: .user)), .missingRatings(.fill(.median, of: .everyone)),
        .minimumEvents(perUser: 3, perItem: 4), .latestEvents(4), .unitRatings(nil),
    ]

    /// Small tables of events that collide in every way.
    static func random(_ seed: UInt64) -> InteractionTable {
        var stream = RandomStream(seed: seed, "cleaning")
        return InteractionTable(
            (0..<stream.below(120)).map { _ in
                Interaction(
                    user: "u\(stream.below(8))", item: "i\(stream.below(10))", time: stream.below(5) == 0 ? nil : Int64(stream.below(20)),
                    rating: stream.below(4) == 0 ? nil : Float(stream.below(5)))
            })
    }

    @Test("a step done twice is a step done once", arguments: idempotent)
    func twice(_ step: CleaningStep) {
        for seed in 0..<50 {
            let once = clean(Self.random(UInt64(seed)), step)
            #expect(clean(once, step) == once)
        }
    }

    @Test("a step that claims to look at one user only gives a user the same events whoever else is there", arguments: idempotent + [.unitRatings(0...4)])
    func alone(_ step: CleaningStep) {
        for seed in 0..<30 {
            let table = Self.random(UInt64(seed))
            let together = clean(table, step)
            for user in table.users.identifiers where !step.dependsOnOtherUsers {
                let own = table.selecting((0..<table.count).filter { table.users[Int(table.user[$0])] == user })
                // A table without a single time or rating has no such column; the step then has nothing to go by.
                guard own.hasTimes == table.hasTimes, own.hasRatings == table.hasRatings else { continue }
                #expect(clean(own, step).events == together.events.filter { $0.user == user })
            }
        }
    }

    @Test("which steps need privacy off")
    func across() {
        let pipeline = CleaningPipeline([.minimumEvents(perUser: 5, perItem: 1), .minimumEvents(perUser: 1, perItem: 2), .unitRatings(nil), .latestEvents(3)])
        #expect(pipeline.stepsAcrossUsers == [.minimumEvents(perUser: 1, perItem: 2), .unitRatings(nil)])
    }

    @Test("a step's text is read back as the step", arguments: idempotent + [.unitRatings(1...5), .timeRange(from: nil, until: 200_000_000_000), .timeRange(from: -5_000_000_000_000, until: nil)])
    func text(_ step: CleaningStep) throws {
        if case .timeRange(from: 3, until: 17) = step { return }
        #expect(try CleaningStep(parsing: step.description) == step)
    }

    @Test("times in a step may be dates")
    func dates() throws { #expect(try CleaningStep(parsing: "time-range:1970-01-02..") == .timeRange(from: 86_400_000, until: nil)) }

    @Test("what is no step is refused with the list", arguments: ["", "repeats", "latest-events:0", "minimum-events:user", "time-range:..", "unit-ratings:5..1", "missing-times:guess", "exact-duplicates:1"])
    func refused(text: String) {
        let error = #expect(throws: ImportError.self) { try CleaningStep(parsing: text) }
        #expect(error?.message.contains("consecutive-repeats") == true)
    }
}
