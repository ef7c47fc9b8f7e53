import Foundation
import RecommenderModels
import Tensors
import Testing

/// One case of `Golden/make_golden_sasrec.py`.
struct SASRecGoldenCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Configuration: Decodable {
        let items, length, D, F, blocks, heads: Int
        let gelu, tied, bias, oldest: Bool
        let normalized: Bool?
        let loss: String
        let calibration: Float
    }
    let configuration: Configuration
    let sequences: [[Int32]]
    let negatives: [Int32]
    let parameters: [GoldenCase.Tensor]
    let loss: Double
    let gradients: [GoldenCase.Tensor]
    let scores: [[Double]]

    var testDescription: String { "\(configuration)" }

    static let all: [SASRecGoldenCase] = {
        let names = ["cross_entropy", "separate", "sampled_softmax", "bce", "gbce", "bpr", "normalized"]
        return names.compactMap { name in
            guard let url = Bundle.module.url(forResource: "sasrec_" + name, withExtension: "json", subdirectory: "Golden"),
                let data = try? Data(contentsOf: url)
            else { return nil }
            return try? JSONDecoder().decode(SASRecGoldenCase.self, from: data)
        }
    }()

    var model: any Recommender {
        get throws {
            let k = negatives.count
            let loss: SequenceLoss =
                switch configuration.loss {
                case "cross_entropy": .crossEntropy
                case "sampled_softmax": .sampledSoftmax(negatives: k, logQ: true)
                case "bce": .binaryCrossEntropy(negatives: k, shared: true)
                case "gbce": .generalizedBCE(negatives: k, calibration: configuration.calibration, shared: true)
                default: .bpr(negatives: k, shared: true)
                }
            let shape = SASRecConfiguration(
                dimension: configuration.D, blocks: configuration.blocks, heads: configuration.heads, maximumLength: configuration.length,
                feedForwardDimension: configuration.F, activation: configuration.gelu ? .gelu : .relu,
                positions: configuration.oldest ? .oldestFirst : .mostRecentFirst,
                residual: configuration.normalized == true ? .normalized : .inputs, tiedEmbeddings: configuration.tied,
                outputBias: configuration.bias, embeddingDropout: 0.5, attentionDropout: 0.5, hiddenDropout: 0.5, loss: loss)
            return try ModelConfiguration.sasRec(shape).recommender(itemCount: configuration.items)
        }
    }

    func flat(_ tensors: [GoldenCase.Tensor], in layout: ParameterLayout) throws -> [Float] {
        try layout.tensors.flatMap { tensor in
            let golden = try #require(tensors.first { $0.name == tensor.name })
            try #require(golden.values.count == tensor.range.count)
            return golden.values.map(Float.init)
        }
    }
}

@Suite struct SASRecGoldenTests {
    @Test("All golden cases of SASRec are read") func count() { #expect(SASRecGoldenCase.all.count == 7) }

    @Test("SASRec's loss, gradients and scores agree with PyTorch", arguments: SASRecGoldenCase.all)
    func agrees(golden: SASRecGoldenCase) throws {
        let model = try golden.model
        let parameters = try golden.flat(golden.parameters, in: model.layout)
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let loss = model.accumulateGradient(
            parameters, sequences: golden.sequences.map { $0[...] }, negatives: golden.negatives, stream: nil, weight: 1, into: &gradient,
            scratch: &scratch)
        #expect(abs(loss.loss - golden.loss) < 1e-5 * abs(golden.loss))
        let expected = try golden.flat(golden.gradients, in: model.layout)
        for tensor in model.layout.tensors {
            for index in tensor.range {
                let difference = abs(gradient.values[index] - expected[index])
                #expect(difference < 5e-5 * (1 + abs(expected[index])), "\(tensor.name)[\(index - tensor.range.lowerBound)]")
            }
        }
        let scores = model.scores(parameters, histories: golden.sequences.map { $0[...] })
        for (row, values) in golden.scores.enumerated() {
            for (item, value) in values.enumerated() {
                #expect(abs(Double(scores[row * model.itemCount + item]) - value) < 2e-5 * (1 + abs(value)), "history \(row), item \(item)")
            }
        }
    }
}
