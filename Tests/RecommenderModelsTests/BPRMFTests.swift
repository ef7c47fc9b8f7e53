import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct BPRMFTests {
    static let model = BPRMFConfiguration(dimension: 4, regularization: 0.1, foldInSteps: 30)

    static func parts() throws -> (model: BPRMF, parameters: [Float]) {
        let model = try #require(ModelConfiguration.bprMF(Self.model).recommender(itemCount: 12) as? BPRMF)
        var numbers = RandomStream(seed: 5, "parameters")
        return (model, (0..<model.layout.count).map { _ in 2 * numbers.uniformFloat() - 1 })
    }

    @Test("The items' gradient agrees with central differences, the user's vector fixed")
    func centralDifferences() throws {
        var (model, parameters) = try Self.parts()
        var numbers = RandomStream(seed: 2, "negatives")
        let pairs = model.pairs([1, 4, 4, 9], &numbers)
        let user: [Float] = [0.5, -1, 0.25, 2]
        var gradient = [Float](repeating: 0, count: model.layout.count)
        var ignored = gradient
        _ = model.addItemGradient(parameters, pairs: pairs, user: user, weight: 0.5, to: &gradient)
        for index in parameters.indices {
            let value = parameters[index]
            parameters[index] = value + 0x1p-7
            let above = model.addItemGradient(parameters, pairs: pairs, user: user, weight: 1, to: &ignored)
            parameters[index] = value - 0x1p-7
            let below = model.addItemGradient(parameters, pairs: pairs, user: user, weight: 1, to: &ignored)
            parameters[index] = value
            #expect(abs(Double(gradient[index]) - 0.5 * (above - below) / 0x1p-6) < 1e-3, "parameter \(index)")
        }
    }

    @Test("Negatives are never items the user has events with")
    func negatives() throws {
        let (model, _) = try Self.parts()
        var numbers = RandomStream(seed: 2, "negatives")
        let pairs = model.pairs([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &numbers)
        #expect(pairs.count == 11)
        for pair in 0..<pairs.count { #expect(pairs.items[2 * pair + 1] == 11) }
        #expect(model.pairs([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], &numbers).isEmpty)
    }

    @Test("A user's vector is folded in the same way each time, and prefers the user's own items")
    func foldIn() throws {
        let (model, parameters) = try Self.parts()
        let history: ArraySlice<Int32> = [1, 4, 9]
        #expect(model.foldIn(history, parameters) == model.foldIn(history, parameters))
        let scores = model.scores(parameters, histories: [history, [], history])
        #expect(scores[0..<12].elementsEqual(scores[24..<36]))
        #expect(Array(scores[12..<24]) == Array(parameters[48..<60]))
        let own = history.map { scores[Int($0)] }.reduce(0, +) / 3
        #expect(own > scores[0..<12].reduce(0, +) / 12)
    }
}
