public import SeededRandom
internal import Tensors

extension GRU4Rec {
    /// Item vectors start near those of their categories (``ItemContent``).
    /// - Parameter content: of all V items.
    public func initialParameters(_ stream: RandomStream, content: ItemContent) -> [Float] {
        var parameters = initialParameters(stream)
        if content.isEmpty { return parameters }
        for name in ["item.embedding", "output.embedding"] {
            guard let tensor = layout[name] else { continue }
            // Uniform in ± √(3/width)/4 has this standard deviation.
            let deviation = 0.25 / Float(tensor.rowWidth).squareRoot()
            var rows = parameters[tensor.range]
            content.shape(&rows, width: tensor.rowWidth, deviation: deviation, stream: stream.child("content").child(name))
            parameters.replaceSubrange(tensor.range, with: rows)
        }
        return parameters
    }
}
