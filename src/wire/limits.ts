/** Bounds on what a file may ask of the reader and of other readers. */

/**
 * Messages inside messages. C++ and Python protobuf stop at 100, so a deeper model is unreadable everywhere else;
 * a subgraph costs three levels (node, attribute, graph).
 */
export const MAXIMUM_NESTING = 100;

/** Groups inside groups among unknown fields; no writer of ONNX makes any. */
export const MAXIMUM_GROUP_NESTING = 32;

/** Dims of a tensor. ONNX infers no more (1.23.1), runtimes take 8 to 64, and the work of many operators grows with the rank. */
export const MAXIMUM_RANK = 1024;

/** Payloads that are left where they are; a file of nothing but tiny pieces must not fill the memory. */
export const MAXIMUM_HOLES = 500_000;

/**
 * Nodes, attributes, tensors, value_info, graphs and functions of a model. Each takes about 1.2 KB when it is read, and two bytes are
 * enough to write one; the largest exports have some 100,000.
 */
export const MAXIMUM_MESSAGES = 1_000_000;

/** The fewest bytes a message takes in the one around it: a tag and a length of 0. */
export const SMALLEST_MESSAGE_BYTES = 2;

/**
 * Names, dims, elements of lists, metadata entries and unknown fields of a model. Each takes 30 to 120 bytes when it is read. Forests
 * of decision trees hold the most: five integers a node.
 */
export const MAXIMUM_VALUES = 10_000_000;

/** Texts and small tensors of a model, as they are in memory; `MAXIMUM_SKELETON_BYTES` of varints would be eight times as large. */
export const MAXIMUM_DECODED_BYTES = 1024 * 1024 * 1024;

/** What is read of a file besides the payloads of large tensors. Texts and lists only; the longest string of an engine is of this size. */
export const MAXIMUM_SKELETON_BYTES = 512 * 1024 * 1024;

/** Small tensors that lie in other files or in pieces: a few bytes of the model can ask for the same 64 KiB again and again. */
export const MAXIMUM_PRELOADED_BYTES = 256 * 1024 * 1024;

/** The largest message that C++ and Python protobuf read; onnx.checker.MAXIMUM_PROTOBUF. */
export const MAXIMUM_MESSAGE_BYTES = 2147483647;

/** Tensors up to this size are kept in memory by `loadModel`: shapes, axes, scales and small tables. */
export const DEFAULT_RESIDENT_BYTES = 64 * 1024;

/**
 * What is kept of a model, small tensors included, while the line between small and large is drawn as above. The largest
 * models have some megabytes; where there is more, a file of very many small tensors would come into memory whole, twice.
 */
export const MAXIMUM_SMALL_TENSORS_BYTES = 64 * 1024 * 1024;

/** Beyond that, tensors up to this size are kept: shapes and axes. `MAXIMUM_MESSAGES` of them take 256 MB. */
export const RESIDENT_BYTES_OF_MANY = 256;

/** Weights are copied, computed and scanned in pieces of at most this size, so memory does not follow their size. */
export const CHUNK_BYTES = 8 * 1024 * 1024;

/**
 * The longest text form that is read or written. A text takes two to five times the bytes of its model, is read from memory,
 * and in the ONNX syntax is one string, of which JavaScript allows 2^29 characters.
 */
export const MAXIMUM_TEXT_BYTES = 512 * 1024 * 1024;

/**
 * What comes out of a compressed file or out of a pipe lies in memory, so there must be an end; a longer model is no
 * protobuf message.
 */
export const MAXIMUM_SPOOLED_BYTES = MAXIMUM_MESSAGE_BYTES;

/**
 * A compressed file may grow to this size whatever its own size is, and beyond it to MAXIMUM_EXPANSION times its size.
 * Weights shrink to a tenth at best; a bomb of deflate grows a thousandfold.
 */
export const UNSUSPICIOUS_UNPACKED_BYTES = 256 * 1024 * 1024;
export const MAXIMUM_EXPANSION = 100;
