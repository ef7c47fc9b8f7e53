import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// One case of `Golden/make_golden.py`.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Configuration: Decodable {
        let items, D, H, layers: Int
        let tied, logq: Bool
        let loss: String
        let regularization: Float
    }
    struct Tensor: Decodable {
        let name: String
        let values: [Double]
    }
    let configuration: Configuration
    let sequences: [[Int32]]
    let negatives: [Int32]
    let parameters: [Tensor]
    let loss: Double
    let gradients: [Tensor]
    let scores: [[Double]]

    var testDescription: String { "\(configuration)" }

    static let all: [GoldenCase] = {
        let names = [
            "cross_entropy_tied", "cross_entropy_projected", "cross_entropy_separate", "sampled_softmax_logq", "sampled_softmax_plain",
            "bpr_max", "bpr_max_four_layers",
        ]
        return names.compactMap { name in
            guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden"),
                let data = try? Data(contentsOf: url)
            else { return nil }
            return try? JSONDecoder().decode(GoldenCase.self, from: data)
        }
    }()

    var model: any Recommender {
        get throws {
            let loss: SequenceLoss =
                switch configuration.loss {
                case "cross_entropy": .crossEntropy
                case "sampled_softmax": .sampledSoftmax(negatives: negatives.count, logQ: configuration.logq)
                default: .bprMax(negatives: negatives.count, regularization: configuration.regularization)
                }
            let gru = GRU4RecConfiguration(
                embeddingDimension: configuration.D, hiddenDimension: configuration.H, layers: configuration.layers,
                tiedEmbeddings: configuration.tied, loss: loss)
            return try ModelConfiguration.gru4rec(gru).recommender(itemCount: configuration.items)
        }
    }

    func flat(_ tensors: [Tensor], in layout: ParameterLayout) throws -> [Float] {
        try layout.tensors.flatMap { tensor in
            let golden = try #require(tensors.first { $0.name == tensor.name })
            try #require(golden.values.count == tensor.range.count)
            return golden.values.map(Float.init)
        }
    }
}

@Suite struct GoldenTests {
    @Test("All golden cases are read") func count() { #expect(GoldenCase.all.count == 7) }

    @Test("GRU4Rec's loss, gradients and scores agree with PyTorch", arguments: GoldenCase.all)
    func agrees(golden: GoldenCase) throws {
        let model = try golden.model
        let parameters = try golden.flat(golden.parameters, in: model.layout)
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let loss = model.accumulateGradient(
            parameters, sequences: golden.sequences.map { $0[...] }, negatives: golden.negatives, stream: nil, weight: 1, into: &gradient,
            scratch: &scratch)
        #expect(abs(loss.loss - golden.loss) < 1e-5 * abs(golden.loss))
        #expect(loss.targets == golden.sequences.reduce(0) { $0 + $1.count - 1 })
        let expected = try golden.flat(golden.gradients, in: model.layout)
        for tensor in model.layout.tensors {
            for index in tensor.range {
                let difference = abs(gradient.values[index] - expected[index])
                #expect(difference < 2e-5 * (1 + abs(expected[index])), "\(tensor.name)[\(index - tensor.range.lowerBound)]")
            }
        }
        let scores = model.scores(parameters, histories: golden.sequences.map { $0[...] })
        for (row, values) in golden.scores.enumerated() {
            for (item, value) in values.enumerated() {
                #expect(abs(Double(scores[row * model.itemCount + item]) - value) < 1e-5 * (1 + abs(value)), "history \(row), item \(item)")
            }
        }
    }
}
