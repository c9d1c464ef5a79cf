import RESP
import TestSupport
import Testing

@Suite struct `The output buffer` {
    @Test func `what is removed in portions is what was appended`() {
        var random = SeededRandom(for: "output buffer")
        var output = OutputBuffer()
        var expected = ""
        var removed = ""
        for _ in 0..<20_000 {
            let value = Int64.random(in: -99_999...99_999, using: &random)
            output.append(integer: value)
            expected += ":\(value)\r\n"
            // Less is removed than appended for a while, then everything, as with a slow reader.
            let count = Int.random(in: 0..<500, using: &random) == 0 ? output.count : min(output.count, Int(value & 7))
            removed += output.withReadable { span in
                String(decoding: (0..<count).map { span[$0] }, as: UTF8.self)
            }
            output.removeFirst(count)
        }
        #expect(removed + output.text == expected, "seed \(random.seed)")
    }

    @Test func `an emptied buffer keeps its memory`() {
        var output = OutputBuffer()
        for _ in 0..<1000 { output.append(integer: .max) }
        let capacity = output.capacity
        output.removeFirst(output.count)
        #expect(output.isEmpty && output.capacity == capacity)
    }

    @Test func `a buffer that is read slowly does not grow without end`() {
        var output = OutputBuffer()
        for _ in 0..<1000 { output.append(simple: "OK") }
        for _ in 0..<1_000_000 {
            output.append(simple: "OK")
            output.removeFirst(5)
        }
        #expect(output.count == 5000)
        // Five megabytes went through.
        #expect(output.capacity <= 65536)
    }

    @Test func `reset gives back what is more than 64 KiB`() {
        var output = OutputBuffer()
        output.append(integer: 1)
        output.reset()
        #expect(output.isEmpty && output.capacity > 0)
        for _ in 0..<20_000 { output.append(simple: "OK") }
        output.removeFirst(1)
        output.reset()
        #expect(output.isEmpty && output.capacity == 0)
    }

    @Test func `more than there is cannot be removed`() async {
        await #expect(processExitsWith: .failure) {
            var output = OutputBuffer()
            output.append(simple: "OK")
            output.removeFirst(6)
        }
    }
}
