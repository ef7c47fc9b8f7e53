internal import CStream
internal import Foundation
internal import Tensors

/// The fastest this machine was seen to go: what shares of the peak are shares of.
enum Ceiling {
    /// GFLOP/s of single-precision products of 768 × 768 matrices, each thread on its own; the best of several tries.
    static func products(threads: Int) async -> Double {
        await best((0..<threads).map { _ in ProductLoad() })
    }

    /// GB/s of reading 256 MB, divided among the threads; the best of several tries.
    static func reading(threads: Int) async -> Double {
        await best((0..<threads).map { _ in ReadingLoad(words: 32_000_000 / threads) })
    }

    /// The name OpenBLAS gives its kernels for this processor, or that it does not say.
    static var blasName: String {
        typealias Name = @convention(c) () -> UnsafePointer<CChar>?
        guard let symbol = dlsym(nil, "openblas_get_corename") else { return "unnamed" }
        return unsafeBitCast(symbol, to: Name.self)().map { String(cString: $0) } ?? "unnamed"
    }

    /// 10⁹ units of work a second when all loads run at once.
    private static func best(_ loads: [some Load]) async -> Double {
        var best = 0.0
        // The first try brings the memory in and the clock up. Tries are short and many, so that on a busy machine some are undisturbed.
        for _ in 0..<60 {
            let clock = ContinuousClock()
            let start = clock.now
            let work = await withTaskGroup(of: Double.self) { group in
                for load in loads { group.addTask { await load.run() } }
                return await group.reduce(0, +)
            }
            best = max(best, work / (clock.now - start).inSeconds * 1e-9)
        }
        return best
    }
}

/// Work for one thread.
private protocol Load: Actor {
    /// - Returns: how much was done.
    func run() -> Double
}

private actor ProductLoad: Load {
    private let side = 768
    private let factor: [Float]
    private var product: [Float]

    init() {
        factor = [Float](repeating: 0.5, count: side * side)
        product = [Float](repeating: 0, count: side * side)
    }

    func run() -> Double {
        product.withUnsafeMutableBufferPointer { product in
            factor.withUnsafeBufferPointer {
                BLAS.multiply($0.baseAddress!, $0.baseAddress!, into: product.baseAddress!, rows: side, inner: side, columns: side)
            }
        }
        return 2 * Double(side * side * side)
    }
}

private actor ReadingLoad: Load {
    private let words: [UInt64]

    init(words: Int) { self.words = [UInt64](repeating: 1, count: words) }

    func run() -> Double {
        let sum = words.withUnsafeBufferPointer { stream_read($0.baseAddress!, Int64($0.count)) }
        precondition(sum == UInt64(words.count), "the memory does not hold what was written")
        return Double(words.count * 8)
    }
}
