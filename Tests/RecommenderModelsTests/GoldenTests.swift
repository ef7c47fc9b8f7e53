import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// One case of the scripts in `Golden`.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Configuration: Decodable {
        /// GRU4Rec when not given.
        let model: String?
        let items, D: Int
        let H: Int?
        let layers: Int?
        let L: Int?
        let filters: Int?
        let height: Int?
        let vertical: Int?
        let F: Int?
        let blocks: Int?
        let heads: Int?
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
    /// Places of the hidden events within what is read of each sequence, for models that hide events.
    let hidden: [[Int]]?
    let negatives: [Int32]
    let parameters: [Tensor]
    let loss: Double
    let gradients: [Tensor]
    let scores: [[Double]]

    var testDescription: String { "\(configuration)" }

    static let all: [GoldenCase] = {
        let names = [
            "cross_entropy_tied", "cross_entropy_projected", "cross_entropy_separate", "sampled_softmax_logq", "sampled_softmax_plain",
            "bpr_max", "bpr_max_four_layers", "lstm_tied", "lstm_projected", "lstm_separate", "caser_separate", "caser_tied", "caser_one_event",
            "bert4rec", "bert4rec_heads",
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
            return try modelConfiguration(loss).recommender(itemCount: configuration.items)
        }
    }

    private func given(_ value: Int?) throws -> Int { try #require(value) }

    private func modelConfiguration(_ loss: SequenceLoss) throws -> ModelConfiguration {
        let (D, isTied) = (configuration.D, configuration.tied)
        switch configuration.model {
        case "lstm":
            return .lstm(LSTMConfiguration(
                embeddingDimension: D, hiddenDimension: try given(configuration.H), layers: try given(configuration.layers),
                tiedEmbeddings: isTied, loss: loss))
        case "caser":
            return .caser(CaserConfiguration(
                dimension: D, window: try given(configuration.L), horizontalFilters: try given(configuration.filters),
                maximumHeight: try given(configuration.height), verticalFilters: try given(configuration.vertical),
                tiedEmbeddings: isTied, loss: loss))
        case "bert4rec":
            return .bert4rec(BERT4RecConfiguration(
                dimension: D, blocks: try given(configuration.blocks), heads: try given(configuration.heads),
                maximumLength: try given(configuration.L), feedForwardDimension: try given(configuration.F), loss: loss))
        default:
            return .gru4rec(GRU4RecConfiguration(
                embeddingDimension: D, hiddenDimension: try given(configuration.H), layers: try given(configuration.layers),
                tiedEmbeddings: isTied, loss: loss))
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
    @Test("All golden cases are read") func count() { #expect(GoldenCase.all.count == 15) }

    @Test("Losses, gradients and scores agree with PyTorch", arguments: GoldenCase.all)
    func agrees(golden: GoldenCase) throws {
        let model = try golden.model
        let parameters = try golden.flat(golden.parameters, in: model.layout)
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        let sequences = golden.sequences.map { $0[...] }
        var targets = golden.sequences.reduce(0) { $0 + $1.count - 1 }
        var loss = LossSum()
        if let model = model as? BERT4Rec {
            let hidden = try #require(golden.hidden)
            targets = hidden.reduce(0) { $0 + $1.count }
            loss = model.accumulateGradient(
                parameters, sequences: sequences, hidden: hidden, negatives: golden.negatives, stream: nil, weight: 1, into: &gradient,
                scratch: &scratch)
        } else {
            loss = model.accumulateGradient(
                parameters, sequences: sequences, negatives: golden.negatives, stream: nil, weight: 1, into: &gradient, scratch: &scratch)
        }
        #expect(abs(loss.loss - golden.loss) < 1e-5 * abs(golden.loss))
        #expect(loss.targets == targets)
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
