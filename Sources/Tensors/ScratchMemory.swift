/// Memory a worker reuses from call to call, so that training does not allocate in its loops.
public struct ScratchMemory: Sendable {
    private var floats: [Float] = []

    public init() {}

    /// Runs `body` with an arena of that many floats, of undefined content.
    public mutating func withArena<Result>(of count: Int, _ body: (inout ScratchArena) -> Result) -> Result {
        if floats.count < count { floats = [Float](repeating: 0, count: count) }
        return floats.withUnsafeMutableBufferPointer { buffer in
            var arena = ScratchArena(free: buffer)
            return body(&arena)
        }
    }
}

/// Hands out consecutive pieces of scratch memory.
public struct ScratchArena {
    fileprivate var free: UnsafeMutableBufferPointer<Float>

    /// The next `count` floats, of undefined content.
    public mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        precondition(count <= free.count, "the arena is too small for the pieces taken from it")
        guard let start = free.baseAddress else { preconditionFailure("an arena of no floats has no pieces") }
        free = UnsafeMutableBufferPointer(rebasing: free[count...])
        return start
    }

    /// Room for the next `count` 32-bit integers, each in the place of a float, of undefined content.
    public mutating func takeIntegers(_ count: Int) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(take(count)).bindMemory(to: Int32.self, capacity: count)
    }

    /// The next `count` floats, all zero.
    public mutating func takeZeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let start = take(count)
        start.update(repeating: 0, count: count)
        return start
    }
}
