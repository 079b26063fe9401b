-- The three indexes of the original's phase 2. shapetui builds each CONCURRENTLY and outside a transaction, so there is
-- no BEGIN and no COMMIT here; it analyses the tables before it measures.

-- Message history of a conversation, newest first.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "idx_messages_conversation_created_desc"
  ON "messages" ("conversationId", "createdAt" DESC);

-- Conversation list of a user.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "idx_conversation_users_user_active"
  ON "conversation_users" ("userId", "isActive") INCLUDE ("conversationId");

-- Conversations, the last changed first.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "idx_conversations_updated_desc"
  ON "conversations" ("updatedAt" DESC);
