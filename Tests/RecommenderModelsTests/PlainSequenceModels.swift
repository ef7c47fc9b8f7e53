import Foundation
import RecommenderModels
import Tensors
import Testing

/// Models one number at a time, in double precision, as their formulas say.
struct PlainModel {
    let layout: ParameterLayout
    let parameters: [Float]

    func tensor(_ name: String) -> [Double] { layout[name].map { parameters[$0.range].map(Double.init) } ?? [] }

    func row(_ name: String, _ index: Int, _ width: Int) -> [Double] { Array(tensor(name)[index * width..<(index + 1) * width]) }

    /// W x + b.
    func linear(_ weights: String, _ bias: String, _ x: [Double]) -> [Double] {
        let (weights, bias) = (tensor(weights), tensor(bias))
        return bias.indices.map { out in x.indices.reduce(bias[out]) { $0 + weights[out * x.count + $1] * x[$1] } }
    }

    func scores(_ query: [Double], _ table: String) -> [Double] { linear(table, "output.bias", query) }

    func lstm(_ configuration: LSTMConfiguration, _ history: ArraySlice<Int32>) -> [Double] {
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        let H = configuration.hiddenDimension
        var sequence = history.suffix(LSTMConfiguration.historyLimit).map { row("item.embedding", Int($0), configuration.embeddingDimension) }
        var state = [Double](repeating: 0, count: H)
        for layer in 0..<configuration.layers {
            var cell = [Double](repeating: 0, count: H)
            state = cell
            for index in sequence.indices {
                let fromInput = linear("lstm.weight_ih_l\(layer)", "lstm.bias_ih_l\(layer)", sequence[index])
                let fromState = linear("lstm.weight_hh_l\(layer)", "lstm.bias_hh_l\(layer)", state)
                for h in 0..<H {
                    func gate(_ which: Int) -> Double { fromInput[which * H + h] + fromState[which * H + h] }
                    cell[h] = sigmoid(gate(1)) * cell[h] + sigmoid(gate(0)) * tanh(gate(2))
                    state[h] = sigmoid(gate(3)) * tanh(cell[h])
                }
                sequence[index] = state
            }
        }
        if layout["projection.weight"] != nil { state = linear("projection.weight", "projection.bias", state) }
        return scores(state, configuration.tiedEmbeddings ? "item.embedding" : "output.embedding")
    }

    func caser(_ configuration: CaserConfiguration, _ history: ArraySlice<Int32>) -> [Double] {
        let (D, L, F) = (configuration.dimension, configuration.window, configuration.horizontalFilters)
        let read = history.suffix(L).map { row("item.embedding", Int($0), D) }
        let image = [[Double]](repeating: [Double](repeating: 0, count: D), count: L - read.count) + read
        var features: [Double] = []
        for filter in 0..<configuration.verticalFilters {
            for d in 0..<D { features.append((0..<L).reduce(0) { $0 + tensor("vertical.weight")[filter * L + $1] * image[$1][d] }) }
        }
        for height in 1...configuration.maximumHeight {
            let weights = tensor("horizontal.weight_h\(height)")
            for filter in 0..<F {
                let values = (0...L - height).map { start in
                    var sum = tensor("horizontal.bias_h\(height)")[filter]
                    for tap in 0..<height { for d in 0..<D { sum += weights[(tap * F + filter) * D + d] * image[start + tap][d] } }
                    return max(0, sum)
                }
                features.append(values.max() ?? 0)
            }
        }
        let query = linear("linear.weight", "linear.bias", features).map { max(0, $0) }
        return scores(query, configuration.tiedEmbeddings ? "item.embedding" : "output.embedding")
    }
}

@Suite struct PlainModelTests {
    @Test("LSTM and Caser score as their formulas say", arguments: SequenceModels.all(.crossEntropy))
    func agrees(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: SequenceModels.itemCount)
        let parameters = SequenceModels.parameters(model)
        let plain = PlainModel(layout: model.layout, parameters: parameters)
        let histories: [ArraySlice<Int32>] = [[], [4], [3, 3], [1, 5, 2, 8], [0, 7, 6, 5, 4, 3, 2, 1, 0, 8, 8]]
        let scores = model.scores(parameters, histories: histories)
        for (index, history) in histories.enumerated() {
            let expected: [Double]
            switch configuration {
            case .lstm(let configuration): expected = plain.lstm(configuration, history)
            case .caser(let configuration): expected = plain.caser(configuration, history)
            default: return
            }
            for item in expected.indices { #expect(abs(Double(scores[index * expected.count + item]) - expected[item]) < 1e-5, "history \(index), item \(item)") }
        }
    }
}
