import Foundation
import RecommenderModels
import Tensors

/// SASRec one number at a time, in double precision, as its formulas say.
struct PlainSASRec {
    let configuration: SASRecConfiguration
    let layout: ParameterLayout
    let parameters: [Float]

    private func tensor(_ name: String) -> [Double] { layout[name].map { parameters[$0.range].map(Double.init) } ?? [] }

    private func row(_ name: String, _ index: Int, _ width: Int) -> [Double] { Array(tensor(name)[index * width..<(index + 1) * width]) }

    private func norm(_ name: String, _ x: [Double]) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        let (gain, bias) = (tensor(name + ".weight"), tensor(name + ".bias"))
        return x.indices.map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * gain[$0] + bias[$0] }
    }

    private func linear(_ name: String, _ x: [Double]) -> [Double] {
        let (weights, bias) = (tensor(name + ".weight"), tensor(name + ".bias"))
        return bias.indices.map { out in x.indices.reduce(bias[out]) { $0 + weights[out * x.count + $1] * x[$1] } }
    }

    private func activate(_ x: Double) -> Double {
        switch configuration.activation {
        case .relu: max(0, x)
        case .gelu: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        }
    }

    private func attention(_ block: Int, _ x: [[Double]], _ normed: [[Double]]) -> [[Double]] {
        let (D, heads) = (configuration.dimension, configuration.heads)
        let width = D / heads
        let projected = zip(x, normed).map { x, normed in
            let made = linear("blocks.\(block).attention_in", normed)
            return configuration.residual == .inputs ? made : Array(made[..<D]) + linear("blocks.\(block).attention_in", x)[D...]
        }
        return normed.indices.map { position in
            var out = [Double](repeating: 0, count: D)
            for head in 0..<heads {
                let place = head * width
                let scores = (0...position).map { other in
                    var product = 0.0
                    for i in 0..<width { product += projected[position][place + i] * projected[other][D + place + i] }
                    return product / Double(width).squareRoot()
                }
                let total = scores.reduce(0) { $0 + exp($1) }
                for other in 0...position {
                    for i in 0..<width { out[place + i] += exp(scores[other]) / total * projected[other][2 * D + place + i] }
                }
            }
            return linear("blocks.\(block).attention_out", out)
        }
    }

    /// Scores of all items after the history.
    func scores(_ history: [Int32]) -> [Double] {
        let D = configuration.dimension
        let read = Array(history.suffix(configuration.maximumLength))
        var x = read.enumerated().map { index, item in
            let place = configuration.positions == .oldestFirst ? index : read.count - 1 - index
            return zip(row("item.embedding", Int(item), D), row("position.embedding", place, D)).map { Double(D).squareRoot() * $0 + $1 }
        }
        for block in 0..<configuration.blocks {
            var normed = x.map { norm("blocks.\(block).attention_norm", $0) }
            let attended = attention(block, x, normed)
            x = zip(configuration.residual == .inputs ? x : normed, attended).map { zip($0, $1).map(+) }
            normed = x.map { norm("blocks.\(block).feed_forward_norm", $0) }
            x = zip(configuration.residual == .inputs ? x : normed, normed).map { base, row in
                let inner = linear("blocks.\(block).feed_forward_in", row)
                return zip(base, linear("blocks.\(block).feed_forward_out", inner.map(activate))).map(+)
            }
        }
        let query = norm("last_norm", x[x.count - 1])
        let table = configuration.tiedEmbeddings ? "item.embedding" : "output.embedding"
        let bias = tensor("output.bias")
        let vectors = tensor(table)
        var scores = bias.isEmpty ? [Double](repeating: 0, count: vectors.count / D) : bias
        for item in scores.indices {
            for i in 0..<D { scores[item] += query[i] * vectors[item * D + i] }
        }
        return scores
    }
}
