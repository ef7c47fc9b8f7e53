internal import SeededRandom
internal import Tensors

extension ParameterLayout {
    /// Where a tensor that the model declared starts.
    func start(_ name: String) -> Int {
        guard let tensor = self[name] else { preconditionFailure("the layout lacks \(name)") }
        return tensor.range.lowerBound
    }

    /// Parameters drawn uniformly from ± the limit of their tensor, each tensor from a stream with its name; 0 for limit 0.
    func uniform(_ stream: RandomStream, limit: (Tensor) -> Float) -> [Float] {
        var parameters = [Float](repeating: 0, count: count)
        for tensor in tensors {
            let limit = limit(tensor)
            if limit == 0 { continue }
            var numbers = stream.child(tensor.name)
            for index in tensor.range { parameters[index] = (2 * numbers.uniformFloat() - 1) * limit }
        }
        return parameters
    }
}

extension ItemContent {
    /// Shapes those of the named V-row tables that the layout has.
    /// - Parameter parameters: drawn with standard deviation a quarter of 1/√width in these tables.
    func shape(_ parameters: inout [Float], tables: [String], of layout: ParameterLayout, stream: RandomStream) {
        if isEmpty { return }
        for name in tables {
            guard let tensor = layout[name] else { continue }
            let deviation = 0.25 / Float(tensor.rowWidth).squareRoot()
            var rows = parameters[tensor.range]
            shape(&rows, width: tensor.rowWidth, deviation: deviation, stream: stream.child("content").child(name))
            parameters.replaceSubrange(tensor.range, with: rows)
        }
    }
}
