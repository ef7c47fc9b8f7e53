internal import Tensors

extension Caser {
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let size = CaserBatch.Size(reading: histories, window: configuration.window)
        scratch.withArena(of: forwardScratch(size)) { arena in
            let batch = CaserBatch(reading: histories, window: configuration.window, size, arena: &arena)
            let pass = convolve(parameters, batch: batch, arena: &arena)
            combine(pass.features, parameters, rows: histories.count, into: out)
        }
    }
}
