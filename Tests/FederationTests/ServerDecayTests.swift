import Federation
import PlanFiles
import Testing

@Suite struct ServerDecayTests {
    @Test(
        "The server's rate stays for the first share of the rounds and then falls along a line to the end",
        arguments: [(1, 1.0), (50, 1), (75, 0.55), (100, 0.1), (130, 0.1)])
    func line(round: Int, factor: Double) {
        #expect(abs(Double(ServerDecay(start: 0.5, end: 0.1).factor(round: round, of: 100)) - factor) < 1e-6)
    }

    @Test("Every rule with a learning rate takes the rate of the round; replace has none")
    func everyRule() throws {
        var plan = Plan.example()
        plan.rounds = 10
        plan.serverDecay = ServerDecay(start: 0, end: 0.5)
        let rules: [(ServerOptimizer, ServerOptimizer)] = [
            (.fedAvg(learningRate: 2), .fedAvg(learningRate: 1)),
            (.fedAvgM(learningRate: 2, momentum: 0.9), .fedAvgM(learningRate: 1, momentum: 0.9)),
            (.fedAdam(learningRate: 2, beta1: 0.9, beta2: 0.99, tau: 0.1), .fedAdam(learningRate: 1, beta1: 0.9, beta2: 0.99, tau: 0.1)),
            (.fedYogi(learningRate: 2, beta1: 0.9, beta2: 0.99, tau: 0.1), .fedYogi(learningRate: 1, beta1: 0.9, beta2: 0.99, tau: 0.1)),
            (.fedAdagrad(learningRate: 2, tau: 0.1), .fedAdagrad(learningRate: 1, tau: 0.1)),
            (.replace, .replace),
        ]
        for (rule, last) in rules {
            plan.serverOptimizer = rule
            #expect(plan.serverOptimizer(in: RoundNumber(10)) == last)
        }
    }

    @Test("A decay out of range, and one for a rule without a rate, are problems by name")
    func validation() {
        var plan = Plan.example()
        plan.serverDecay = ServerDecay(start: 1, end: 0)
        #expect(plan.problems().map(\.field) == ["serverDecay.start", "serverDecay.end"])
    }
}
