internal import Tensors

extension BERT4Rec {
    /// What stands behind a mask token after the last L − 1 events of each history; of an empty history behind the mask token alone.
    func queries(
        _ parameters: UnsafePointer<Float>, histories: ArraySlice<ArraySlice<Int32>>, scratch: inout ScratchMemory,
        into out: UnsafeMutablePointer<Float>
    ) {
        let (B, D) = (histories.count, width)
        let masked = histories.map { ($0.suffix(configuration.maximumLength - 1) + [mask])[...] }
        scratch.withArena(of: core.queryScratch(lengths: masked.map(\.count)) + 2 * B * D) { arena in
            let states = arena.take(B * D)
            let linear = arena.take(B * D)
            core.readLast(parameters, masked[...], into: states, arena: &arena)
            transform(parameters, states, linear: linear, into: out, rows: B)
        }
    }
}
