import SecureAggregation
import Testing

@Suite("More than 64 nodes: the ring in random order")
struct RingGraphTests {
    @Test("Degrees and thresholds from exact tails are those of the table", arguments: [
        (0.05, 0.05, 100, 11, 6), (0.05, 0.05, 1000, 31, 17), (0.1, 0.1, 100, 21, 11), (0.1, 0.1, 1000, 52, 28), (0.2, 0.05, 100, 24, 19), (0.2, 0.05, 1000, 56, 38),
        (0.2, 0.2, 100, 41, 21), (0.2, 0.2, 1000, 109, 57), (0.33, 0.33, 100, 67, 34), (0.33, 0.33, 1000, 307, 157), (0.05, 0.05, 10_000, 37, 20),
    ])
    func table(corrupt: Double, dropped: Double, nodes: Int, k: Int, t: Int) throws {
        let size = try #require(NeighbourhoodSize.smallest(nodes: nodes, corrupt: Int((corrupt * Double(nodes)).rounded()), dropped: Int((dropped * Double(nodes)).rounded())))
        #expect(size.neighbours == k && size.threshold == t)
    }

    static func setting() throws -> RoundSetting {
        let graph = try GraphChoice.recommended(nodes: 100, collusion: 5, dropouts: 5)
        return try RoundSetting(nodes: 100, dimension: 2, threshold: 53, collusion: 5, graph: graph)
    }

    @Test("A hundred nodes of which five drop sum exactly")
    func hundred() throws {
        var run = try RoundRun(Self.setting())
        let dropped = [3, 20, 21, 60, 99].map { run.setting.members[$0] }
        for member in dropped { run.silentFrom[member] = .maskedInput }
        try run.run()
        #expect(run.alarms.isEmpty, "\(run.alarms)")
        #expect(run.sum == run.setting.sum(of: run.setting.members.filter { !dropped.contains($0) }))
        #expect(run.end == .completed)
        // 22 neighbours, not 99.
        #expect(run.sent.filter { $0.kind == .unmasking }.allSatisfy { $0.body.count <= 32 + 32 * 23 })
    }

    static func graph(_ seed: String, nodes: Int = 100, reach: Int = 11, windowSurvivors: Int = 6) throws -> NeighbourGraph {
        try NeighbourGraph(
            members: (0..<nodes).map { MemberID(UInt32($0)) }, choice: .ring(reach: reach, windowSurvivors: windowSurvivors, shareThreshold: 9), threshold: 53,
            seed: RoundSetting.hash(seed))
    }

    @Test("Being a neighbour is mutual, degrees are equal, and another seed gives another graph")
    func symmetric() throws {
        let graph = try Self.graph("a")
        for member in graph.members {
            let neighbours = graph.neighbours(of: member)
            #expect(neighbours.count == 22 && Set(neighbours).count == 22 && !neighbours.contains(member))
            #expect(neighbours.allSatisfy { graph.neighbours(of: $0).contains(member) })
            #expect(graph.point(of: member, for: neighbours[0]) != nil)
        }
        #expect(try Self.graph("a").neighbours(of: MemberID(7)) == graph.neighbours(of: MemberID(7)))
        #expect(try Self.graph("b").neighbours(of: MemberID(7)) != graph.neighbours(of: MemberID(7)))
    }

    @Test("Dropouts chosen to cut the ring in two, or to leave one node alone, are not signed")
    func partition() throws {
        let graph = try Self.graph("a")
        let members = graph.members
        let lonely = members[40]
        // All neighbours of one node dropped: with U3 its seed and the pair keys would show its input.
        let neighbours = Set(graph.neighbours(of: lonely))
        #expect(!graph.holdsTogether(members.filter { !neighbours.contains($0) }))
        #expect(graph.holdsTogether(members))
        // Neighbours on one side only: still a run of eleven without a survivor.
        let next = graph.neighbours(of: lonely).filter { graph.neighbours(of: $0).contains(lonely) }
        #expect(next.count == 22)
        // Whatever the set, if it holds together then the survivors without any 5 of them are connected.
        for trial in 0..<20 {
            let alive = members.filter { (Int($0.rawValue) * 31 + trial * 17) % 20 != 0 }
            guard graph.holdsTogether(alive) else { continue }
            let honest = Set(alive.filter { (Int($0.rawValue) + trial) % 20 != 3 })
            var (reached, frontier): (Set<MemberID>, [MemberID]) = ([], [honest.min() ?? MemberID(0)])
            while let member = frontier.popLast() {
                guard reached.insert(member).inserted else { continue }
                frontier += graph.neighbours(of: member).filter { honest.contains($0) && !reached.contains($0) }
            }
            #expect(reached == honest)
        }
    }

    @Test("Rings that colluding nodes could cut, or that let them rebuild a secret, are refused")
    func unsound() throws {
        let setting = try Self.setting()
        try setting.configuration.validate(for: setting.announcement.cohort)
        guard case .ring(let reach, let window, let share) = setting.configuration.graph else {
            Issue.record("no ring")
            return
        }
        for graph in [GraphChoice.ring(reach: reach, windowSurvivors: window - 1, shareThreshold: share), .ring(reach: reach, windowSurvivors: window, shareThreshold: 5), .ring(reach: 4, windowSurvivors: 4, shareThreshold: 8), .ring(reach: 60, windowSurvivors: 30, shareThreshold: 30)] {
            var configuration = setting.configuration
            configuration.graph = graph
            #expect(throws: SecureAggregationError.self, "\(graph)") { try configuration.validate(for: setting.announcement.cohort) }
        }
        #expect(throws: SecureAggregationError.self) { try GraphChoice.recommended(nodes: 100, collusion: 45, dropouts: 45) }
        #expect(try GraphChoice.recommended(nodes: 64, collusion: 21, dropouts: 21) == .complete)
    }
}
