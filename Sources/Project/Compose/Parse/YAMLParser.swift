import CYAML

/// libyaml's event parser over bytes that stay where they are while it lives.
struct YAMLParser: ~Copyable {
    /// One event, already in our words.
    struct Event {
        enum Kind {
            case streamEnd, documentStart, other
            case scalar(isPlain: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
            case alias
        }

        var kind: Kind
        var mark: Mark
        /// Text of a scalar, only until the next event.
        var text: UnsafeBufferPointer<UInt8>
        /// Anchor of a node, name of an alias.
        var anchor: String?
        var tag: String?
    }

    /// What libyaml says is wrong.
    struct Failure: Error {
        var problem: String
        /// What it was reading, and since where.
        var context: String?
        var contextMark: Mark?
        var mark: Mark
        /// Bytes that are no text: which one, and how many bytes of the file come before.
        var byte: (value: Int, offset: Int)?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private let file: Mark
    /// What it reads: the text without a byte order mark.
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Length of the byte order mark: to libyaml, which is told the encoding, it would be a
    /// character that indents the first line.
    private let markLength: Int

    /// Reads from bytes that must outlive the parser.
    init(_ bytes: UnsafeBufferPointer<UInt8>, file: Mark) {
        parser = .allocate(capacity: 1)
        event = .allocate(capacity: 1)
        // An event that was never filled must not be freed as garbage.
        event.initialize(to: yaml_event_t())
        self.file = file
        markLength = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        self.bytes = UnsafeBufferPointer(rebasing: bytes[markLength...])
        let isReady = yaml_parser_initialize(parser) == 1
        precondition(isReady, "libyaml fails here only without memory")
        yaml_parser_set_input_string(parser, self.bytes.baseAddress, self.bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_event_delete(event)
        event.deallocate()
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. Its text is valid until the next call.
    mutating func next() throws(Failure) -> Event {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw failure() }
        let mark = mark(event.pointee.start_mark)
        switch event.pointee.type {
        case YAML_STREAM_END_EVENT: return make(.streamEnd, mark)
        case YAML_DOCUMENT_START_EVENT: return make(.documentStart, mark)
        case YAML_SEQUENCE_END_EVENT: return make(.sequenceEnd, mark)
        case YAML_MAPPING_END_EVENT: return make(.mappingEnd, mark)
        case YAML_ALIAS_EVENT:
            return make(.alias, mark, anchor: event.pointee.data.alias.anchor)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.pointee.data.sequence_start
            return make(.sequenceStart, mark, anchor: data.anchor, tag: data.tag)
        case YAML_MAPPING_START_EVENT:
            let data = event.pointee.data.mapping_start
            return make(.mappingStart, mark, anchor: data.anchor, tag: data.tag)
        case YAML_SCALAR_EVENT:
            let data = event.pointee.data.scalar
            let isPlain = data.style == YAML_PLAIN_SCALAR_STYLE
            var result = make(.scalar(isPlain: isPlain), mark, anchor: data.anchor, tag: data.tag)
            result.text = UnsafeBufferPointer(start: data.value, count: data.length)
            return result
        default: return make(.other, mark)
        }
    }

    private func make(
        _ kind: Event.Kind,
        _ mark: Mark,
        anchor: UnsafeMutablePointer<yaml_char_t>? = nil,
        tag: UnsafeMutablePointer<yaml_char_t>? = nil
    ) -> Event {
        Event(
            kind: kind,
            mark: mark,
            text: UnsafeBufferPointer(start: nil, count: 0),
            anchor: anchor.map { String(cString: $0) },
            tag: tag.map { String(cString: $0) }
        )
    }

    /// libyaml counts from 0, `Mark` from 1; this is the only place that knows.
    private func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(
            file: file.file,
            line: UInt32(clamping: mark.line) &+ 1,
            column: UInt32(clamping: mark.column) &+ 1
        )
    }

    private func failure() -> Failure {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
        guard state.error != YAML_READER_ERROR else {
            let offset = Int(state.problem_offset) + markLength
            let byte = (value: Int(state.problem_value), offset: offset)
            return Failure(problem: problem, mark: file, byte: byte)
        }
        return Failure(
            problem: problem,
            context: state.context.map { String(cString: $0) },
            contextMark: state.context == nil ? nil : mark(state.context_mark),
            mark: atEnd(state.problem_mark) ?? mark(state.problem_mark)
        )
    }

    /// The end of a text whose last line has no end: libyaml names the line after it, which is
    /// not there. nil for every other place.
    private func atEnd(_ mark: yaml_mark_t) -> Mark? {
        guard mark.column == 0, mark.line > 0, let last = bytes.last, last != 0x0A, last != 0x0D
        else { return nil }
        var (lines, length) = (1, 0)
        var previous: Unicode.Scalar = " "
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": length = 0
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": (lines, length) = (lines + 1, 0)
            default: length += 1
            }
            previous = scalar
        }
        guard lines == Int(mark.line), length > 0 else { return nil }
        return Mark(
            file: file.file,
            line: UInt32(clamping: mark.line),
            column: UInt32(clamping: length) &+ 1
        )
    }
}
