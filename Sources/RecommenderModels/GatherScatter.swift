internal import Tensors

/// Copies the rows of a table (width wide) that are named.
func gather(_ rows: UnsafeBufferPointer<Int32>, from table: UnsafePointer<Float>, width: Int, into out: UnsafeMutablePointer<Float>) {
    for (position, row) in rows.enumerated() { (out + position * width).update(from: table + Int(row) * width, count: width) }
}

/// Adds consecutive rows to the named rows of a table.
func scatter(_ values: UnsafePointer<Float>, to rows: UnsafeBufferPointer<Int32>, of table: UnsafeMutablePointer<Float>, width: Int) {
    for (position, row) in rows.enumerated() { Kernels.add(values + position * width, to: table + Int(row) * width, count: width) }
}
