import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// `Golden/factors.json`.
struct FactorGolden: Decodable {
    struct Pairs: Decodable {
        let pairs: [Int32]
        let user, parameters, gradient: [Float]
        let regularization: Float
        let loss: Double
    }
    struct Window: Decodable {
        let contexts, outputs: [Int32]
        let parameters, gradient: [Float]
        let loss: Double
    }
    struct Squares: Decodable {
        let own: [Int32]
        let regularization, unobserved: Float
        let parameters, user, scores, gradient: [Float]
        let loss: Double
    }
    let items, dimension: Int
    let bpr: Pairs
    let skip_gram: Window
    let ials: Squares

    static func read() throws -> FactorGolden {
        let url = try #require(Bundle.module.url(forResource: "factors", withExtension: "json", subdirectory: "Golden"))
        return try JSONDecoder().decode(FactorGolden.self, from: Data(contentsOf: url))
    }
}

@Suite struct FactorGoldenTests {
    func expectNear(_ found: [Float], _ expected: [Float], _ name: String) {
        #expect(found.count == expected.count)
        for (index, (found, expected)) in zip(found, expected).enumerated() {
            #expect(abs(found - expected) < 2e-5 * (1 + abs(expected)), "\(name)[\(index)]")
        }
    }

    @Test("BPR-MF's loss and gradient agree with PyTorch") func bpr() throws {
        let golden = try FactorGolden.read()
        let configuration = BPRMFConfiguration(dimension: golden.dimension, regularization: golden.bpr.regularization)
        let model = try #require(ModelConfiguration.bprMF(configuration).recommender(itemCount: golden.items) as? BPRMF)
        var pairs = RankedPairs()
        pairs.items = golden.bpr.pairs
        var gradient = [Float](repeating: 0, count: model.layout.count)
        let loss = model.addItemGradient(golden.bpr.parameters, pairs: pairs, user: golden.bpr.user, weight: 1, to: &gradient)
        #expect(abs(loss - golden.bpr.loss) < 1e-5 * golden.bpr.loss)
        expectNear(gradient, golden.bpr.gradient, "gradient")
    }

    @Test("A skip-gram window's loss and gradient agree with PyTorch") func skipGram() throws {
        let golden = try FactorGolden.read()
        let configuration = Item2VecConfiguration(dimension: golden.dimension)
        let model = try #require(ModelConfiguration.item2Vec(configuration).recommender(itemCount: golden.items) as? Item2Vec)
        let window = SkipGramWindow(contexts: golden.skip_gram.contexts, outputs: golden.skip_gram.outputs)
        var gradient = [Float](repeating: 0, count: model.layout.count)
        let loss = model.addGradient(of: window, golden.skip_gram.parameters, weight: 1, to: &gradient)
        #expect(abs(loss - golden.skip_gram.loss) < 1e-5 * golden.skip_gram.loss)
        expectNear(gradient, golden.skip_gram.gradient, "gradient")
    }

    @Test("A user's vector, scores, loss and gradient of iALS agree with PyTorch") func ials() throws {
        let golden = try FactorGolden.read()
        let configuration = IALSConfiguration(
            dimension: golden.dimension, regularization: golden.ials.regularization, unobservedWeight: golden.ials.unobserved)
        let model = try ModelConfiguration.ials(configuration).recommender(itemCount: golden.items)
        let prepared = model.prepared(golden.ials.parameters)
        expectNear(prepared.queries(histories: [golden.ials.own[...]]), golden.ials.user, "user")
        expectNear(prepared.scores(histories: [golden.ials.own[...]]), golden.ials.scores, "scores")
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let loss = model.accumulateGradient(
            golden.ials.parameters, sequences: [golden.ials.own[...]], negatives: [], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
        #expect(abs(loss.loss - golden.ials.loss) < 1e-5 * golden.ials.loss)
        expectNear(gradient.values, golden.ials.gradient, "gradient")
    }
}
