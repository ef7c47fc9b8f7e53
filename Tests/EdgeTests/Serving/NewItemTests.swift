import EdgeRuntime
import Federation
import Interactions
import RecommenderModels
import Simulator
import Testing

@Suite("Items that the model does not know") struct NewItemTests {
    /// The mean rank, among the new items not met, of new items that users met last; 0 is first, 1 is last, chance is ½. Among all items
    /// a mixture of many is ranked near the middle by a model with strong opinions.
    private func meanRank(_ world: ServedWorld, _ newItems: NewItems) async throws -> (rank: Double, cases: Int) {
        let cases = world.histories.filter { world.catalog.index(of: $0[$0.count - 1]) == nil }
        let answers = await world.engine.recommend(for: cases.map { Array($0.dropLast()) }, count: world.whole.count, newItems: newItems)
        let ranks = zip(cases, answers).compactMap { history, answer -> Double? in
            let new = answer.items.filter(\.isNew)
            return new.firstIndex { $0.item == history[history.count - 1] }.map { Double($0) / Double(new.count - 1) }
        }
        return (ranks.reduce(0, +) / Double(max(1, ranks.count)), ranks.count)
    }

    @Test("are ranked by their content, better than by chance", arguments: ServedWorld.models)
    func content(model: ModelConfiguration) async throws {
        let world = try await ServedWorld(model)
        let (rank, cases) = try await meanRank(world, NewItems(world.whole, beside: world.engine, histories: []))
        #expect(cases >= 20)
        // A model of sequences has stronger opinions on single items than on what they have in common.
        let isSequence = if case .gru4rec = model { true } else { false }
        #expect(rank < (isSequence ? 0.45 : 0.4), "mean rank \(rank) of \(cases)")
    }

    @Test("are ranked by what stands beside them in histories when they have no content")
    func histories() async throws {
        let world = try await ServedWorld(ServedWorld.models[0])
        let bare = try Catalog(items: world.whole.items.map { CatalogItem(id: $0.id) })
        let before = NewItems(bare, beside: world.engine, histories: [])
        #expect(before.items.isEmpty && before.undescribed.count == 30)
        // The last event of every history is what is looked for, so it is not shown.
        let described = NewItems(bare, beside: world.engine, histories: world.histories.map { Array($0.dropLast()) })
        let (rank, cases) = try await meanRank(world, described)
        #expect(cases >= 15)
        #expect(rank < 0.4, "mean rank \(rank) of \(cases)")
    }

    @Test("are marked, left out when met, and explained by known events")
    func marks() async throws {
        let world = try await ServedWorld(ServedWorld.models[1], epochs: 1)
        let newItems = NewItems(world.whole, beside: world.engine, histories: [])
        let history = Array(world.histories[0].prefix(6))
        let all = await world.engine.recommend(for: history, count: 1000, explains: true, newItems: newItems)
        let new = all.items.filter(\.isNew)
        #expect(Set(new.map(\.item)).isDisjoint(with: history) && new.count >= 24)
        #expect(new.allSatisfy { world.catalog.index(of: $0.item) == nil && world.whole.index(of: $0.item) != nil })
        #expect(new.contains { $0.because != nil })
        #expect(zip(all.items, all.items.dropFirst()).allSatisfy { $0.score >= $1.score })
        let met = await world.engine.recommend(for: history + [new[0].item], count: 1000, newItems: newItems)
        #expect(!met.items.contains { $0.item == new[0].item })
        #expect(met.unknownEvents == 1 + history.filter { world.catalog.index(of: $0) == nil }.count)
    }

    @Test("A node recommends an item that a new list names, with the next question, and takes it back with the list")
    func lists() async throws {
        let world = try await ServedWorld(ServedWorld.models[0], epochs: 1)
        let storage = InMemoryNodeStorage()
        let desk = RecommendationDesk(storage: storage, shelf: ModelShelf(engine: world.engine), clock: ImpatientClock())
        func newCount() async throws -> Int { try await desk.recommend(history: [], count: 1000).items.filter(\.isNew).count }
        #expect(try await newCount() == 0)
        await storage.setNewItems(world.whole)
        #expect(try await newCount() == 30)
        let nothing = try Catalog(items: [])
        await storage.setNewItems(nothing)
        #expect(try await newCount() == 0)
    }
}
