/// Tables whose rows fill whole vector lanes, as the kernels of factor models read them.
public enum PaddedRows {
    /// Floats of a lane.
    public static let lane = 16

    /// The least multiple of a lane that holds `width` floats.
    public static func stride(_ width: Int) -> Int { (width + lane - 1) / lane * lane }

    /// rows × width becomes rows × stride, the added columns 0.
    public static func padded(_ table: some RandomAccessCollection<Float>, width: Int) -> [Float] {
        let stride = stride(width)
        if stride == width { return Array(table) }
        var rows = [Float](repeating: 0, count: table.count / width * stride)
        for (index, value) in table.enumerated() { rows[index / width * stride + index % width] = value }
        return rows
    }

    /// The inverse of `padded`.
    public static func packed(_ rows: [Float], width: Int) -> [Float] {
        let stride = stride(width)
        if stride == width { return rows }
        let count = rows.count / stride
        return [Float](unsafeUninitializedCapacity: count * width) { out, initialized in
            for row in 0..<count {
                for column in 0..<width { out[row * width + column] = rows[row * stride + column] }
            }
            initialized = count * width
        }
    }
}
