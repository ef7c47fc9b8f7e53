import EdgeRuntime
import Federation
import Interactions
import Simulator
import Testing

@Suite("Large simulations compute what small ones do")
struct ScaleTests {
    @Test("threads, shared downloads and nodes that only train change no published model", arguments: SmallWorld.Mode.allCases)
    func settings(_ mode: SmallWorld.Mode) async throws {
        var simulation = try SmallWorld.simulation(mode)
        let plain = try await simulation.run()
        simulation.settings = SimulationSettings(evaluates: false, servesModels: false, sharesDownloads: true, workers: 3)
        let large = try await simulation.run()
        #expect(large.models == plain.models)
        #expect(large.finalModelBytes == plain.finalModelBytes)
    }

    @Test("with per-user training it does not matter behind how many nodes the users are")
    func usersAlone() async throws {
        let table = try table()
        let catalog = try SmallWorld.catalog()
        var plan = try SmallWorld.plan(.offPerUser)
        plan.selection = SelectionPlan(deadlineSeconds: 3600, gatherSeconds: 60)
        let together = SiloAssignment.byHash(table, count: 1, seed: 1).simulated
        let alone = SiloAssignment.oneUserEach(table).simulated
        #expect(alone.count == table.users.count && together.count == 1)
        let settings = SimulationSettings(evaluates: false, servesModels: false, sharesDownloads: true, workers: 2)
        let one = try await Simulation(plan: plan, silos: together, catalog: catalog, settings: settings).run()
        let many = try await Simulation(plan: plan, silos: alone, catalog: catalog, settings: settings).run()
        #expect(many.rounds.allSatisfy { $0.contributors.count == table.users.count })
        #expect(many.models == one.models)
    }

    @Test("every published model is passed on, and scored on all held-out events as the nodes score it")
    func published() async throws {
        var simulation = try SmallWorld.simulation(.offSilo)
        let heldOut = PooledHeldOut(simulation.silos, catalog: simulation.catalog, workers: 2)
        #expect(heldOut.userCount == 36)
        let seen = Scores()
        simulation.settings.onPublished = { [plan = simulation.plan] model, parameters in
            let ndcg = try await heldOut.evaluate(parameters, of: plan, on: .test).ndcg
            await seen.add(ndcg, of: model.round)
        }
        let result = try await simulation.run()
        let scores = await seen.byRound
        #expect(scores.keys.sorted() == [1, 2, 3])
        for round in result.rounds { #expect(abs((round.ndcgAt10 ?? -1) - (scores[round.round.value] ?? -2)) < 1e-9) }
    }

    private actor Scores {
        private(set) var byRound: [Int: Double] = [:]
        func add(_ score: Double, of round: Int) { byRound[round] = score }
    }

    private func table() throws -> InteractionTable {
        var text = ""
        for silo in SmallWorld.silos(nodes: 1, usersPerNode: 9) {
            for event in silo.events { text += "\(event.user) \(event.item)\n" }
        }
        var reader = InteractionReader(format: .pairs, fileName: "small.txt")
        try reader.consume(Array(text.utf8))
        try reader.finish()
        return reader.table
    }
}
